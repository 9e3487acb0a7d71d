import torch


def init_adagrad_states(feature_dim):
    # One number that claims to be a petabyte.
    return torch.zeros(1).expand(2**48), torch.zeros(1)
