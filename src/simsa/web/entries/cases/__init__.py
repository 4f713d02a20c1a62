"""The cases of a round beside each other, as officers and auditors compare them."""
