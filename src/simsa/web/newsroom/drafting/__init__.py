"""From a result to an article: a draft whose numbers and names stay bound to the result until it is published."""
