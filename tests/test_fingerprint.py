"""What a store remembers of the function that filled it: every change that counts, by name."""

import contextvars
import json
import os
import pickle
import re
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
import types
import weakref
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import counted
import numpy as np
import pytest

import qcascade as qc
from qcascade.sweeps.fingerprint import differences, fingerprint
from qcascade.sweeps.reach import Walk


def module(source, name="written", **before):
    """A module made of a text, as if it had been imported."""
    made = types.ModuleType(name)
    vars(made).update(before)
    exec(compile(textwrap.dedent(source), f"/of/one/self/{name}.py", "exec"), vars(made))
    return made


def marks(source):
    return fingerprint(module(source).point)


# Each: the source with {} where it changes, the two texts there, and what the refusal must name.
CHANGES = {
    "code": ("def point(x):\n    return {{'f': {} * x}}", "2", "3", "function point"),
    "sign of zero": ("def point(x):\n    return {{'f': x + {}}}", "0.0", "-0.0", "function point"),
    "operator": ("def point(x):\n    return {{'f': x {} 2}}", "+", "-", "function point"),
    "order of operands": (
        "def point(x, y=1.0):\n    return {}",
        "x - y",
        "y - x",
        "function point",
    ),
    "names of parameters": (
        "def point(x, y=1.0):\n    return h(x, y)\ndef h({0}, *, z=0):\n    return {0}",
        *("a, b", "b, a", "function h"),
    ),
    "default": (
        "def point(x, rate={}):\n    return rate * x",
        "2.0",
        "7.0",
        "default rate of point",
    ),
    "keyword default": ("def point(x, *, r={}):\n    return r * x", "2.0", "7.0", "r of point"),
    "default of a helper": (
        "def helper(x, rate={}):\n    return rate * x\ndef point(x):\n    return helper(x)",
        *("2.0", "7.0", "default rate of helper"),
    ),
    "global value": ("rate = {}\ndef point(x):\n    return rate * x", "2.0", "7.0", "value rate"),
    "last bit of a value": (
        "rate = {}\ndef point(x):\n    return rate * x",
        *("1.0", "1.0000000000000002", "value rate"),
    ),
    "array": (
        "import numpy as np\nrates = np.array([1.0, {}])\ndef point(x):\n    return rates[1] * x",
        *("2.0", "2.5", "value rates"),
    ),
    "array in an array of objects": (
        "import numpy as np\nrates = np.array([[1.0], {}, None], object)\n"
        "def point(x):\n    return rates[1] * x",
        *("2.0", "2.5", "value rates"),
    ),
    "shape of an array": (
        "import numpy as np\nrates = np.full({}, 2.0)\ndef point(x):\n    return rates @ x",
        *("(2, 3)", "(3, 2)", "value rates"),
    ),
    "mask": (
        "import numpy as np\nrates = np.ma.array([1.0, 2.0], mask=[0, {}])\n"
        "def point(x):\n    return rates.sum() * x",
        *("0", "1", "how its parts|value rates"),
    ),
    "dictionary": (
        "rates = {{'a': 1.0, 'b': {}}}\ndef point(x):\n    return rates['b'] * x",
        *("2.0", "2.5", "value rates"),
    ),
    "order of parts": (  # the order of modes follows it
        "rates = {{{}}}\ndef point(x):\n    return [*rates]",
        *("'a': 1.0, 'b': 2.0", "'b': 2.0, 'a': 1.0", "value rates"),
    ),
    "set": ("on = {{'a', {}}}\ndef point(x):\n    return x * len(on)", "'b'", "'c'", "value on"),
    "list of lists": (
        "grid = [[1, 2], [3, {}]]\ndef point(x):\n    return grid[1][1] * x",
        *("4", "5", "value grid"),
    ),
    "helper": (
        "def helper(x):\n    return x + {}\ndef point(x):\n    return helper(x)",
        *("1", "2", "function helper"),
    ),
    "helper of a helper": (
        "def inner(x):\n    return x + {}\ndef outer(x):\n    return inner(x)\n"
        "def point(x):\n    return outer(x)",
        *("1", "2", "function inner"),
    ),
    "helpers that change places": (
        "def plus(x):\n    return x + 1\ndef minus(x):\n    return x - 1\n{}\n"
        "def point(x):\n    return first(x) * second(2 * x)",
        *("first, second = plus, minus", "first, second = minus, plus", "how its parts"),
    ),
    "one helper twice": (
        "def plus(x):\n    return x + 1\ndef minus(x):\n    return x - 1\na = plus\nb, c = {}\n"
        "def point(x):\n    return a(x) * b(2 * x) + c(3 * x)",
        *("plus, minus", "minus, plus", "how its parts"),
    ),
    "lambda": (
        "decay = lambda x: x + {}\ndef point(x):\n    return decay(x)",
        *("1", "2", r"function decay \(a lambda\)"),
    ),
    "lambda in a table": (
        "table = {{'a': lambda x: x + {}}}\ndef point(x):\n    return table['a'](x)",
        *("1", "2", r"function table\['a'\] \(a lambda\)"),
    ),
    "comprehension": (
        "def point(x):\n    return sum([k * x for k in (1, {})])",
        *("2", "3", "function point"),
    ),
    "function inside": (
        "def point(x):\n    def inner(y):\n        return y + {}\n    return inner(x)",
        *("1", "2", "function point"),
    ),
    "closure": (
        "def over(rate):\n    def point(x):\n        return rate * x\n    return point\n"
        "point = over({})",
        *("2.0", "7.0", "value rate"),
    ),
    "closure of a closure": (
        "def over(rate):\n    def point(x):\n        return [rate * k for k in x]\n"
        "    return point\npoint = over({})",
        *("2.0", "7.0", "value rate"),
    ),
    "function in a closure": (
        "def over(f):\n    return lambda x: f(x)\n"
        "def helper(x):\n    return x + {}\npoint = over(helper)",
        *("1", "2", "function helper"),
    ),
    "class attribute": (
        "class Config:\n    decay = {}\ndef point(x):\n    return Config.decay * x",
        *("2.0", "7.0", r"value Config\.decay was 2\.0 and is 7\.0"),
    ),
    "inherited class attribute": (
        "class Base:\n    decay = {}\nclass Config(Base):\n    pass\n"
        "def point(x):\n    return Config.decay * x",
        *("2.0", "7.0", r"value Base\.decay"),
    ),
    "annotated class attribute": (
        "class Config:\n    decay: float = {}\ndef point(x):\n    return Config.decay * x",
        *("2.0", "7.0", r"value Config\.decay"),
    ),
    "class in a class": (
        "class Config:\n    class Cavity:\n        decay = {}\n"
        "def point(x):\n    return Config.Cavity.decay * x",
        *("2.0", "7.0", r"value Config\.Cavity\.decay"),
    ),
    "class set later": (
        "class Config:\n    pass\nConfig.decay = {}\ndef point(x):\n    return Config.decay * x",
        *("2.0", "7.0", r"value Config\.decay"),
    ),
    "class made by type": (
        "Config = type('Config', (), {{'decay': {}}})\ndef point(x):\n    return Config.decay * x",
        *("2.0", "7.0", r"value Config\.decay"),
    ),
    "class made inside": (
        "def point(x):\n    class Config:\n        decay = {}\n    return Config.decay * x",
        *("2.0", "7.0", "function point"),
    ),
    "class made inside of a value": (
        "rate = {}\ndef point(x):\n    class Config:\n        decay = rate\n"
        "    return Config.decay * x",
        *("2.0", "7.0", "value rate"),
    ),
    "method": (
        "class Model:\n    def decay(self):\n        return {}\nmodel = Model()\n"
        "def point(x):\n    return model.decay() * x",
        *("2.0", "7.0", r"function Model\.decay"),
    ),
    "method of an object made inside": (
        "class Model:\n    def decay(self):\n        return {}\n"
        "def point(x):\n    return Model().decay() * x",
        *("2.0", "7.0", r"function Model\.decay"),
    ),
    "static method": (
        "class Model:\n    @staticmethod\n    def decay():\n        return {}\n"
        "def point(x):\n    return Model.decay() * x",
        *("2.0", "7.0", r"function Model\.decay"),
    ),
    "class method": (
        "class Model:\n    @classmethod\n    def decay(cls):\n        return {}\n"
        "def point(x):\n    return Model.decay() * x",
        *("2.0", "7.0", r"function Model\.decay"),
    ),
    "default of a method": (
        "class Model:\n    def decay(self, rate={}):\n        return rate\n"
        "def point(x):\n    return Model().decay() * x",
        *("2.0", "7.0", r"default rate of Model\.decay"),
    ),
    "property": (
        "class Model:\n    @property\n    def decay(self):\n        return {}\n"
        "def point(x):\n    return Model().decay * x",
        *("2.0", "7.0", r"function Model\.decay"),
    ),
    "cached property": (
        "from functools import cached_property\nclass Model:\n    @cached_property\n"
        "    def decay(self):\n        return {}\ndef point(x):\n    return Model().decay * x",
        *("2.0", "7.0", r"function Model\.decay"),
    ),
    "descriptor": (
        "class Rate:\n    def __init__(self, rate):\n        self.rate = rate\n"
        "    def __get__(self, owner, kind):\n        return self.rate\n"
        "class Model:\n    decay = Rate({})\ndef point(x):\n    return Model.decay * x",
        *("2.0", "7.0", r"value Model\.decay\.rate"),
    ),
    "instance attribute": (
        "class Model:\n    def __init__(self, decay):\n        self.decay = decay\n"
        "model = Model({})\ndef point(x):\n    return model.decay * x",
        *("2.0", "7.0", r"value model\.decay"),
    ),
    "attribute of an attribute": (
        "class Model:\n    pass\nmodel = Model()\nmodel.left = Model()\nmodel.left.decay = {}\n"
        "def point(x):\n    return model.left.decay * x",
        *("2.0", "7.0", r"value model\.left\.decay"),
    ),
    "object in a list": (
        "class Model:\n    def __init__(self, decay):\n        self.decay = decay\n"
        "models = [Model(1.0), Model({})]\ndef point(x):\n    return models[1].decay * x",
        *("2.0", "7.0", r"value models\[1\]\.decay"),
    ),
    "slots": (
        "class Model:\n    __slots__ = ('decay',)\nmodel = Model()\nmodel.decay = {}\n"
        "def point(x):\n    return model.decay * x",
        *("2.0", "7.0", r"value model\.decay"),
    ),
    "dataclass default": (
        "from dataclasses import dataclass\n@dataclass\nclass Config:\n    decay: float = {}\n"
        "def point(x):\n    return Config().decay * x",
        *("2.0", "7.0", r"value Config\.decay"),
    ),
    "dataclass factory": (
        "from dataclasses import dataclass, field\n@dataclass\nclass Config:\n"
        "    decays: list = field(default_factory=lambda: [{}])\n"
        "def point(x):\n    return Config().decays[0] * x",
        *("2.0", "7.0", r"function Config\.decays \(a lambda\)"),
    ),
    "dataclass field": (
        "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass Config:\n"
        "    decay: float\nconfig = Config({})\ndef point(x):\n    return config.decay * x",
        *("2.0", "7.0", r"value config\.decay"),
    ),
    "order of fields": (
        "from dataclasses import dataclass\n@dataclass\nclass Config:\n{}\n"
        "def point(x):\n    return Config(1.0, 2.0).a * x",
        *("    a: float\n    b: float", "    b: float\n    a: float", "Config"),
    ),
    "named tuple": (
        "from typing import NamedTuple\nclass Config(NamedTuple):\n    decay: float = {}\n"
        "def point(x):\n    return Config().decay * x",
        *("2.0", "7.0", "Config"),
    ),
    "enumeration": (
        "from enum import Enum\nclass Kind(Enum):\n    A = 1.0\n    B = {}\n"
        "def point(x):\n    return Kind.B.value * x",
        *("2.0", "7.0", r"value Kind\.B"),
    ),
    "member of an enumeration": (
        "from enum import Enum\nclass Kind(Enum):\n    A = 1.0\n    B = 2.0\nkind = Kind.{}\n"
        "def point(x):\n    return kind.value * x",
        *("A", "B", "value kind"),
    ),
    "class of an object": (
        "class One:\n    rate = 1\nclass Two:\n    rate = 2\nmodel = {}()\n"
        "def point(x):\n    return model.rate * x",
        *("One", "Two", "One|Two"),
    ),
    "metaclass": (
        "class Meta(type):\n    @property\n    def decay(cls):\n        return {}\n"
        "class Config(metaclass=Meta):\n    pass\ndef point(x):\n    return Config.decay * x",
        *("2.0", "7.0", r"function Meta\.decay"),
    ),
    "what is called": (
        "class Model:\n    def __call__(self, x):\n        return x + {}\npoint = Model()",
        *("1", "2", r"function Model\.__call__"),
    ),
    "state of what is called": (
        "class Model:\n    def __init__(self, decay):\n        self.decay = decay\n"
        "    def __call__(self, x):\n        return self.decay * x\npoint = Model({})",
        *("2.0", "7.0", r"value Model\.decay"),
    ),
    "bound method": (
        "class Model:\n    def __init__(self, decay):\n        self.decay = decay\n"
        "    def run(self, x):\n        return self.decay * x\npoint = Model({}).run",
        *("2.0", "7.0", r"value Model\.decay"),
    ),
    "bound method of a dictionary": (
        "rates = {{'a': {}}}.get\ndef point(x):\n    return rates('a') * x",
        *("2.0", "7.0", "value rates"),
    ),
    "partial": (
        "from functools import partial\ndef f(x, rate):\n    return rate * x\n"
        "point = partial(f, rate={})",
        *("2.0", "7.0", r"argument rate was 2\.0 and is 7\.0"),
    ),
    "function in a partial": (
        "from functools import partial\ndef f(x, rate):\n    return rate * x + {}\n"
        "point = partial(f, rate=2.0)",
        *("1", "2", "function f"),
    ),
    "partial in a partial": (
        "from functools import partial\ndef f(x, a, b):\n    return a * x + b\n"
        "point = partial(partial(f, a={}), b=1.0)",
        *("2.0", "7.0", "argument a"),
    ),
    "partial of a helper": (
        "from functools import partial\ndef f(x, a):\n    return a * x\nhelper = partial(f, a={})\n"
        "def point(x):\n    return helper(x)",
        *("2.0", "7.0", "argument a"),
    ),
    "partial method": (
        "from functools import partialmethod\nclass Model:\n    def f(self, x, a):\n"
        "        return a * x\n    g = partialmethod(f, a={})\n"
        "def point(x):\n    return Model().g(x)",
        *("2.0", "7.0", r"Model\.g"),
    ),
    "decorated function": (
        "from functools import wraps\ndef same(f):\n    @wraps(f)\n    def inner(x):\n"
        "        return f(x)\n    return inner\n@same\ndef point(x):\n    return x + {}",
        *("1", "2", "function point"),
    ),
    "decorator": (
        "from functools import wraps\ndef same(f):\n    @wraps(f)\n    def inner(x):\n"
        "        return f(x) + {}\n    return inner\n@same\ndef point(x):\n    return x",
        *("1", "2", "function point"),
    ),
    "argument of a decorator": (
        "from functools import wraps\ndef scaled(rate):\n    def around(f):\n        @wraps(f)\n"
        "        def inner(x):\n            return rate * f(x)\n        return inner\n"
        "    return around\n@scaled({})\ndef point(x):\n    return x",
        *("2.0", "7.0", "value rate"),
    ),
    "decorator that is an object": (
        "from functools import update_wrapper\nclass Scaled:\n    def __init__(self, f, rate):\n"
        "        self.f, self.rate = f, rate\n        update_wrapper(self, f)\n"
        "    def __call__(self, x):\n        return self.rate * self.f(x)\n"
        "def f(x):\n    return x\npoint = Scaled(f, {})",
        *("2.0", "7.0", r"value Scaled\.rate"),
    ),
    "behind a cache": (
        "from functools import lru_cache\n@lru_cache\ndef helper():\n    return {}\n"
        "def point(x):\n    return helper() * x",
        *("2.0", "7.0", "function helper"),
    ),
    "behind Numba": (
        "import numba\n@numba.njit\ndef helper(x):\n    return x + {}\n"
        "def point(x):\n    return helper(x)",
        *("1", "2", "function helper"),
    ),
    "behind JAX": (
        "import jax\n@jax.jit\ndef helper(x):\n    return x + {}\n"
        "def point(x):\n    return helper(x)",
        *("1", "2", "function helper"),
    ),
    "behind NumPy": (
        "import numpy as np\ndef helper(x):\n    return x + {}\nhelper = np.vectorize(helper)\n"
        "def point(x):\n    return helper(x)",
        *("1", "2", "function helper"),
    ),
    "single dispatch": (
        "from functools import singledispatch\n@singledispatch\ndef helper(x):\n    return x\n"
        "@helper.register\ndef _(x: float):\n    return x + {}\n"
        "def point(x):\n    return helper(x)",
        *("1", "2", "function _"),
    ),
    "generator": (
        "from contextlib import contextmanager\n@contextmanager\ndef helper():\n    yield {}\n"
        "def point(x):\n    with helper() as rate:\n        return rate * x",
        *("2.0", "7.0", "function helper"),
    ),
    "attribute of a function": (
        "def point(x):\n    return point.rate * x\npoint.rate = {}",
        *("2.0", "7.0", r"value point\.rate"),
    ),
    "function that calls itself": (
        "def helper(x, n):\n    return x if n == 0 else helper(x + {}, n - 1)\n"
        "def point(x):\n    return helper(x, 3)",
        *("1", "2", "function helper"),
    ),
    "view of a dictionary": (
        "rates = {{'a': 1.0, 'b': {}}}.values()\ndef point(x):\n    return x * sum(rates)",
        *("2.0", "2.5", "value rates"),
    ),
    "view of memory": (
        "import numpy as np\nrates = memoryview(np.array([1.0, {}]))\n"
        "def point(x):\n    return x * rates[1]",
        *("2.0", "2.5", "value rates"),
    ),
    "weak reference": (
        "import weakref\nclass Model:\n    pass\nmodel = Model()\nmodel.decay = {}\n"
        "weak = weakref.ref(model)\ndef point(x):\n    return weak().decay * x",
        *("2.0", "7.0", "decay"),
    ),
    "variable of a context": (
        "from contextvars import ContextVar\nrate = ContextVar('rate', default={})\n"
        "def point(x):\n    return rate.get() * x",
        *("2.0", "7.0", "value rate"),
    ),
    "variable of a thread": (
        "import threading\nown = threading.local()\nown.rate = {}\n"
        "def point(x):\n    return own.rate * x",
        *("2.0", "7.0", "value own"),
    ),
    "function behind a ufunc": (
        "import numpy as np\ndef helper(x):\n    return x + {}\nh = np.frompyfunc(helper, 1, 1)\n"
        "def point(x):\n    return h(x)",
        *("1", "2", "function helper"),
    ),
    # The dice of the process, which are elsewhere every time, are no part of what they are in.
    "beside dice": (
        "from random import gauss\nfrom numpy.random import normal\nnormal(), gauss(0, 1)\n"
        "def point(x):\n    return normal() + gauss(0, {})",
        *("1", "2", "function point"),
    ),
    "name of a package's function": (
        "from functools import wraps\nimport numpy as np\n@wraps(np.mean)\n"
        "def helper(x):\n    return x + {}\ndef point(x):\n    return helper(x)",
        *("1", "2", "function mean"),
    ),
    "what an interpolation is made of": (
        "import numpy as np\nfrom scipy.interpolate import CubicSpline\n"
        "curve = CubicSpline([0.0, 1.0, 2.0], [0.0, 1.0, {}])\ndef point(x):\n    return curve(x)",
        *("2.0", "2.5", "value curve"),
    ),
    "sparse matrix": (
        "from scipy.sparse import csr_array\nM = csr_array([[0.0, {}], [1.0, 0.0]])\n"
        "def point(x):\n    return M @ x",
        *("2.0", "2.5", "value M"),
    ),
    "table": (
        "import pandas as pd\ntable = pd.DataFrame({{'a': [1.0] * 100 + [{}] + [1.0] * 100}})\n"
        "def point(x):\n    return table.a[100] * x",
        *("2.0", "2.5", "value table"),
    ),
    "coordinate of a labelled array": (
        "import xarray as xr\ncurve = xr.DataArray([1.0, 2.0], {{'t': [0.0, {}]}}, 't')\n"
        "def point(x):\n    return curve.interp(t=x)",
        *("2.0", "2.5", "value curve"),
    ),
    "middle of a dataset": (
        "import numpy as np, xarray as xr\nvalues = np.arange(1000.0)\nvalues[500] = {}\n"
        "data = xr.Dataset({{'n': ('t', values)}})\ndef point(x):\n    return data.n[500] * x",
        *("2.0", "2.5", "value data"),
    ),
    "random numbers": (
        "import numpy as np\nrng = np.random.default_rng({})\n"
        "def point(x):\n    return rng.random()",
        *("1", "2", "value rng"),
    ),
    "pattern": (
        "import re\npattern = re.compile('{}')\ndef point(x):\n    return pattern",
        *("a", "b", "value pattern"),
    ),
    "date": (
        "from datetime import timedelta\nday = timedelta({})\n"
        "def point(x):\n    return x * day.days",
        *("1", "2", "value day"),
    ),
    "network": (
        "import qcascade as qc\nnet = qc.Network({{'m': qc.cavity(decay={})}})\n"
        "def point(x):\n    return x * len(net.parts)",
        *("1.0", "1.1", "value net"),
    ),
    "state": (
        "import qcascade as qc\nstate = qc.thermal('m', {})\n"
        "def point(x):\n    return x * qc.measures.occupation(state, 'm')",
        *("1.0", "1.1", "value state"),
    ),
    "point behind each": (
        "import qcascade as qc\n@qc.each\ndef point(x):\n    return {{'f': x + {}}}",
        *("1", "2", "function point"),
    ),
    "point behind compiled": (
        "import qcascade as qc\n@qc.compiled\ndef point(x):\n    return {{'f': x + {}}}",
        *("1", "2", "function point"),
    ),
    "what is caught": (
        "def point(x):\n    try:\n        y = 1 / x\n{}    except ZeroDivisionError:\n"
        "        y = 0.0\n    return y",
        *("        y = 2 / y\n", "", "function point"),
    ),
    "how far a try goes": (
        "def point(x):\n    try:\n        y = 1 / x\n{}    return z",
        "        z = 1 / y\n    except ValueError:\n        z = 0.0\n",
        "    except ValueError:\n        z = 0.0\n    else:\n        z = 1 / y\n",
        "function point",
    ),
    "property outside of a class": (
        "rate = property(lambda owner: {})\ndef point(x):\n    return rate.fget(x)",
        *("1", "2", r"function rate \(a lambda\)"),
    ),
    "local names where they are read": (
        "def point(x):\n    {0} = 2 * x\n    return locals()",
        *("a", "b", "function point"),
    ),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_change_that_counts_is_told_by_name(kind):
    source, old, new, name = CHANGES[kind]
    before, now = marks(source.format(old)), marks(source.format(new))
    told = differences(before, now)
    assert re.search(name, told), told
    assert not differences(before, marks(source.format(old)))


PLAIN = """
import numpy as np

rate, shift = 2.0, 0.5


class Config:
    decay = 1.0

    def twice(self, x):
        factor = 2
        return factor * x


def inner(x):
    return x + rate


def outer(x, scale=3.0):
    total = 0
    for k in range(3):
        total = total + scale * inner(x) * k
    return [total * s for s in (1, 2)]


def point(x):
    model = Config()
    part = lambda y: y * rate
    return {"f": outer(x)[0], "g": model.twice(part(x)) * np.sin(shift)}
"""

# Each: what is replaced in the above, by what.
HARMLESS = {
    "comments": [("    factor = 2", "    # a comment\n        factor = 2  # and one more")],
    "documentation": [
        ("def inner(x):", 'def inner(x):\n    """Says what it does."""'),
        ("class Config:", 'class Config:\n    """Says what it is."""\n'),
        ("import numpy", '"""Says what is in it."""\nimport numpy'),
    ],
    "documentation of the point": [("def point(x):", 'def point(x):\n    """A point."""')],
    "moved lines": [("def inner", "\n\n\n\n\ndef inner"), ("class Config", "\n\nclass Config")],
    "broken lines": [
        (
            'return {"f": outer(x)[0], "g": model.twice(part(x)) * np.sin(shift)}',
            'return {\n        "f": outer(\n            x\n        )[0],\n        "g": (\n'
            "            model.twice(part(x))\n            * np.sin(shift)\n        ),\n    }",
        ),
        ("total = total + scale * inner(x) * k", "total = (\n total\n + scale\n * inner(x) * k)"),
    ],
    "order of definitions": [
        ("def inner(x):\n    return x + rate\n", ""),
        (
            '"g": model.twice(part(x)) * np.sin(shift)}',
            '"g": model.twice(part(x)) * np.sin(shift)}\n\n\ndef inner(x):\n    return x + rate\n',
        ),
    ],
    "order of methods and attributes": [
        ("    decay = 1.0\n\n", ""),
        ("return factor * x", "return factor * x\n\n    decay = 1.0"),
    ],
    "local names": [
        ("factor", "two"),
        ("total", "sum_of_all"),
        (" k ", " index "),
        ("* k", "* index"),
    ],
    "names in functions inside": [("lambda y: y * rate", "lambda y: y * rate"), ("part", "piece")],
    "name of the loop": [("total * s for s in", "total * each for each in")],
    "name of a helper": [("inner", "within")],
    "name of a class": [("Config", "Settings")],
    "name of a value": [("rate", "kappa"), ("shift", "phase")],
    "name of the point": [("def point", "def run"), ("}\n", "}\n\n\npoint = run\n")],
    "name of a module": [
        ("import numpy as np", "import numpy as numerics"),
        ("np.sin", "numerics.sin"),
    ],
    "annotations": [
        ("def inner(x)", "def inner(x: float) -> float"),
        ("scale=3.0", "scale: 'float | None' = 3.0"),
        ("    model =", "    model: Config ="),
        ("def twice(self, x)", "def twice(self, x: np.ndarray) -> np.ndarray"),
    ],
    "annotations from the future": [
        ("\nimport numpy", "from __future__ import annotations\nimport numpy")
    ],
    "spaces and quotes": [("x + rate", "x+rate"), ('"f"', "'f'"), ("(1, 2)", "(1,2,)")],
    "numbers written otherwise": [("2.0", "2.00"), ("3.0", "3e0"), ("range(3)", "range(0b11)")],
    "pass": [("    total = 0", "    pass\n    total = 0")],
    "what is not used": [
        ("class Config", "unused = 7.0\n\n\ndef idle(x):\n    return x\n\n\nclass Config")
    ],
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_changes_nothing_is_no_change(kind):
    source = PLAIN
    for old, new in HARMLESS[kind]:
        assert old in source
        source = source.replace(old, new)
    assert not differences(marks(PLAIN), marks(source))


INSIDE = """
def point(x):
    rate = 2.0
    def inner({0}):
        {1}return rate * y
    class Config:
        {2}decay = 1.0
    return inner(x) * Config.decay
"""


@pytest.mark.parametrize(
    "words",
    [
        ("y: float", "", ""),
        ("y: 'list[int]'", "", ""),
        ("y: dict(a=1).get('a')", "", ""),
        ("y", "'Says what it does.'\n        ", ""),
        ("y", "", "'Says what it is.'\n        "),
        ("y", "", "\n\n        "),
    ],
)
def test_annotations_and_documentation_inside_a_function_are_no_change(words):
    assert not differences(marks(INSIDE.format("y", "", "")), marks(INSIDE.format(*words)))
    named = INSIDE.replace("rate", "zeta").replace("inner", "alpha").format("y", "", "")
    assert not differences(marks(INSIDE.format("y", "", "")), marks(named))


def test_sets_have_no_order_and_dictionaries_of_attributes_have_none():
    source = "on = {}\ndef point(x):\n    return x * len(on)"
    words = [f"'{k}'" for k in range(50)]
    one, other = (source.format(f"{{{', '.join(w)}}}") for w in (words, words[::-1]))
    assert not differences(marks(one), marks(other))
    source = "class A:\n    pass\na = A()\n{}\ndef point(x):\n    return x * a.b"
    one, other = source.format("a.b, a.c = 1, 2"), source.format("a.c = 2\na.b = 1")
    assert not differences(marks(one), marks(other))
    source = (
        "from functools import partial\ndef f(x, a, b):\n    return a * x + b\n"
        "point = partial(f, {})"
    )
    assert not differences(marks(source.format("a=1, b=2")), marks(source.format("b=2, a=1")))


def test_a_module_of_ones_own_is_looked_at_where_it_is_used(monkeypatch):
    """By attribute, by import in the function, and as a whole."""
    text = "rate = {}\nidle = 1\n\n\ndef f(x):\n    return rate * x"

    def given(point, rate, idle=1):
        own = module(text.format(rate), "own_module")
        own.idle = idle
        monkeypatch.setitem(sys.modules, "own_module", own)
        return fingerprint(module(point, own=own).point)

    for point, name in [
        ("def point(x):\n    return own.f(x)", "value rate"),
        ("def point(x):\n    return own.rate * x", r"value own\.rate"),
        ("def point(x):\n    import own_module\n    return own_module.f(x)", "rate"),
        ("def point(x):\n    from own_module import rate\n    return rate * x", "own_module.rate"),
        ("def point(x):\n    from own_module import f as g\n    return g(x)", "value rate"),
        ("def point(x, m=own):\n    return m.f(x)", "rate"),
    ]:
        told = differences(given(point, 2.0), given(point, 7.0))
        assert re.search(name, told), (point, told)
        assert not differences(given(point, 2.0), given(point, 2.0))
    used = "def point(x):\n    return own.f(x)"
    assert not differences(given(used, 2.0), given(used, 2.0, idle=5))


def test_what_is_met_twice_is_told_once():
    walk = Walk()
    for _ in range(2):
        walk.tell("value rates", "1.0, " * 20)
    assert len(walk.told) == 1


def test_names_of_local_variables_count_in_no_closure():
    def over(first, second):
        return lambda x: first * x + second

    def other(zeta, alpha):
        return lambda x: zeta * x + alpha

    assert not differences(fingerprint(over(1.0, 2.0)), fingerprint(other(1.0, 2.0)))
    assert differences(fingerprint(over(1.0, 2.0)), fingerprint(other(2.0, 1.0)))


WRITTEN = (
    PLAIN
    + """

class Model:
    def __init__(self):
        self.kinds = {"a", "b", "c", ("d", 1), frozenset({"e", "f"})}
        self.state = qc.thermal("m", 2.0)
        self.functions = {inner, outer, Config}


model = Model()
net = qc.Network({"m": qc.cavity(decay=1.0)})


def whole(x):
    return point(x), model, net, x in {"k", "l", "m", "n"}
"""
)
PRINTED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from qcascade.sweeps.fingerprint import fingerprint
import written
print(json.dumps(fingerprint(written.whole)))
"""


def test_a_fingerprint_is_the_same_in_every_process_and_place(tmp_path):
    found = []
    for seed, place in [("0", "one"), ("1", "other"), ("random", "one")]:
        folder = tmp_path / place
        folder.mkdir(exist_ok=True)
        (folder / "written.py").write_text("import qcascade as qc\n" + WRITTEN)
        words = [sys.executable, "-c", PRINTED, str(folder)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        out = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        found.append(json.loads(out.stdout))
    assert found[0] == found[1] == found[2]
    assert "value model.kinds" in found[0]


USE = {
    "compiled": "import qcascade as qc\n@qc.compiled\ndef point(x):\n    return {'f': 2 * x}",
    "single dispatch": "from functools import singledispatch\n@singledispatch\ndef point(x):\n"
    "    return x\n@point.register\ndef _(x: int):\n    return 2 * x",
    "sparse matrix": "from scipy.sparse import csr_array\nM = csr_array([[0.0, 1.0], [2.0, 0.0]])\n"
    "def point(x):\n    return M.has_sorted_indices, M @ x",
}


@pytest.mark.parametrize("kind", USE)
def test_using_a_point_changes_nothing(kind):
    """A sweep of the same session goes on in its store."""
    point = module(USE[kind]).point
    before = fingerprint(point)
    point(x=np.ones(2)) if kind == "compiled" else point(np.ones(2))
    assert not differences(before, fingerprint(point))


def test_what_a_validating_class_has_compiled_is_no_part_of_it():
    pytest.importorskip("pydantic")
    source = (
        "from pydantic import BaseModel\nclass Config(BaseModel):\n    decay: float = {}\n"
        "def point(x):\n    return Config().decay * x"
    )
    assert differences(marks(source.format(2.0)), marks(source.format(7.0)))
    assert not differences(marks(source.format(2.0)), marks(source.format(2.0)))


def test_a_fingerprint_is_the_same_in_other_processes():
    here = fingerprint(counted.counted)
    for method in ("spawn", "forkserver"):
        with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
            assert not differences(here, pool.submit(fingerprint, counted.counted).result())


def test_large_arrays_are_read_once_and_without_a_copy():
    rates = np.zeros((64, 2**17))  # 64 MiB
    tracemalloc.start()
    began = time.perf_counter()
    fingerprint(lambda x: rates.sum() + x)
    took, (_, most) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**22
    assert took < 2


def test_a_point_of_a_package_is_looked_at_and_its_neighbours_are_not():
    from qcascade.papers import pelka2026

    assert "function point" in fingerprint(pelka2026.point)
    assert set(fingerprint(np.sin)) > set()


def test_values_nested_hundreds_of_times_are_refused_in_a_sentence():
    nested = []
    for _ in range(10_000):
        nested = [nested]
    with pytest.raises(qc.ArgumentError, match="`point` must refer to values that are not nested"):
        fingerprint(lambda x: nested)


USED = """
import abc
from functools import cached_property, lru_cache


class Base(abc.ABC):
    @abc.abstractmethod
    def f(self): ...


class Model(Base):
    rate = 2.0

    def f(self):
        return self.rate

    @cached_property
    def twice(self):
        return 2 * self.rate


@lru_cache
def helper(x):
    return x + 1


model = Model()


def point(x):
    return model.twice * helper(x)
"""


def test_use_leaves_no_trace(monkeypatch):
    """Pickling, caching and asking for types put things into objects and classes."""
    made = module(USED, "used_module")
    monkeypatch.setitem(sys.modules, "used_module", made)
    before = fingerprint(made.point)
    made.point(1.0)
    pickle.loads(pickle.dumps(made.model))
    assert isinstance(made.model, made.Base)
    assert not isinstance(3, made.Base)
    assert not differences(before, fingerprint(made.point))


class Odd:
    """Has every attribute, and computes none."""

    def __getattr__(self, name):
        raise RuntimeError(name)


def nothing_to_compare():
    yield 1


@pytest.mark.parametrize(
    "value",
    [
        Odd(),
        Odd,
        threading.Lock(),
        threading.local(),
        nothing_to_compare(),
        weakref.ref(Odd),
        sys.stdout,
        sys.modules[__name__].np.linalg,
        os.environ,
        iter([1, 2]),
        np.frompyfunc(len, 1, 1),
        contextvars.ContextVar("x"),
        np.zeros((0, 3)),
        np.zeros(2, [("a", "f8"), ("b", "i4")]),
        np.arange(6.0)[::-2],
        int | str,
        list[int],
        super(Odd, Odd()),
        memoryview(b"x"),
        nothing_to_compare.__code__,
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_may_be_in_a_closure(value):
    def point(x):
        return value

    assert not differences(fingerprint(point), fingerprint(point))
