"""The parts a network is made of: optics, emitters, optomechanics."""
