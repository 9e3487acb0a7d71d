"""Adagrad: your answers to the exercises that ask for code (sections 3.6 and 3.8).

Write each function where it raises NotImplementedError, and leave its name and parameters as they
are. Check as often as you like: make check SUBMISSION=... (README.md says how).
"""

# %%
import numpy as np

# For init_adagrad_states and adagrad only; until you begin with them, checks are faster without.
# import torch


# %% [markdown]
# ## Exercise 2 of section 3.8: Adagrad on f1, f2 and the rotated f1


# %%
def adagrad_step(x, grad, s, lr, eps):
    """One step of Adagrad.

    x, grad, s: NumPy arrays of float64 of one shape: where you are, the gradient there, and the sum
    of the squares of all gradients before. lr, eps: numbers.

    First s grows by the square of grad, entry by entry; then every coordinate of x moves by lr
    times grad divided by (sqrt(s) + eps), against the gradient. Returns the pair (x, s).
    """
    raise NotImplementedError("return x and s after one step")


# %%
def grad_f1(x):
    """The gradient of f1(x) = 0.1 x1^2 + 2 x2^2.

    x: a NumPy array of two float64. Returns an array of the same shape.
    """
    raise NotImplementedError("return the two partial derivatives")


# %%
def grad_f2(x):
    """The gradient of f2(x) = 0.1 (x1 + x2)^2 + 2 (x1 - x2)^2.

    x: a NumPy array of two float64. Returns an array of the same shape.
    """
    raise NotImplementedError("return the two partial derivatives")


# %%
def grad_f1_rotated(x):
    """The gradient of f1 in axes turned by 45 degrees.

    That is the gradient of the function x -> f1((x1 + x2)/sqrt(2), (x1 - x2)/sqrt(2)).
    x: a NumPy array of two float64. Returns an array of the same shape.
    """
    raise NotImplementedError("return the two partial derivatives")


# %% [markdown]
# Once these four are right, run 20 steps of `adagrad_step` along each gradient, from `START` with
# `s` zero, lr 0.2 and eps 1e-8, and write the values that you reach into `claims.yaml`.


# %%
START = np.array([3.0, 1.0])


# %% [markdown]
# ## Section 3.6.1: the step in the plane


# %%
def adagrad_2d(x1, x2, s1, s2):
    """One step of Adagrad on 0.1 x1^2 + 2 x2^2, with learning rate 0.4 and eps 1e-6.

    x1, x2: where you are; s1, s2: the sums of squared gradients before; all of them numbers. Here
    eps stands under the root: sqrt(s + eps). Returns (x1, x2, s1, s2), in this order.
    """
    raise NotImplementedError("return x1, x2, s1 and s2 after one step")


# %% [markdown]
# ## Section 3.6.2: Adagrad on torch tensors


# %%
def init_adagrad_states(feature_dim):
    """The states that Adagrad starts from, for a linear model with an intercept.

    feature_dim: the number of features. Returns a pair of torch tensors of zeros: of shape
    (feature_dim, 1) for the weights, and of shape (1,) for the intercept.
    """
    raise NotImplementedError("return two tensors of zeros")


# %%
def adagrad(params, states, hyperparams):
    """One step of Adagrad on tensors of float32, which are changed in place.

    params: a list of tensors, each with its gradient in .grad; states: a tensor of squared sums for
    each; hyperparams["lr"]: the learning rate.

    Each state grows by the square of the gradient; each parameter moves by lr times the gradient
    divided by sqrt(state + 1e-6); then its gradient is set to zero. Returns nothing.
    """
    raise NotImplementedError("change params, states and gradients in place")


# %% [markdown]
# ## Exercises 3, 4 and 6 of section 3.8
#
# The proofs of exercises 1 and 3 go into the folder `proofs`.


# %%
def gerschgorin_discs(matrix):
    """The discs that hold the eigenvalues of a matrix (exercise 3).

    matrix: a square NumPy array of float64. Returns the pair (centres, radii), two arrays with an
    entry for every row: the diagonal entry, and the sum of the absolute values of the others.
    """
    raise NotImplementedError("return the centres and the radii")


# %%
def precondition(matrix):
    """Diagonal preconditioning (exercise 4).

    matrix: a symmetric positive definite NumPy array of float64. Returns one array:
    diag(matrix)^(-1/2) times matrix times diag(matrix)^(-1/2).
    """
    raise NotImplementedError("return the preconditioned matrix")


# %%
def rmsprop_step(x, grad, s, lr, rho, eps):
    """One step of RMSProp, in Adagrad's place (exercise 6).

    x, grad, s: NumPy arrays of float64 of one shape. lr, rho, eps: numbers.

    First s becomes rho times s plus (1 - rho) times the square of grad; then every coordinate of x
    moves by lr times grad divided by (sqrt(s) + eps), against the gradient. Returns (x, s).
    """
    raise NotImplementedError("return x and s after one step")
