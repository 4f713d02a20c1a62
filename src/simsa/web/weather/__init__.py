"""Floor 4, weather: what the sky is like at the 97 surface stations of the KMA, under the masthead of every page."""
