"""The simulated rig: parts, scene, renderer, sensors and the data sets made of them."""
