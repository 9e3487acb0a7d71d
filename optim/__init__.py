"""Update rules written once, the meanings given to them, and the engines that run them."""
