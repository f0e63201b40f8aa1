from wellfit.functions.numerics import namespace
def l2_penalty(w, lam): return 0.5 * lam * (w * w).sum()
def l1_penalty(w, lam): return lam * abs(w).sum()
def pseudo_gradient(w, g, lam):
    xp = namespace(w, g)
    at0 = xp.sign(g) * xp.maximum(abs(g) - lam, 0)
    return xp.where(w == 0, at0, g + lam * xp.sign(w))
def orthant_step(old, new):
    xp = namespace(old, new)
    return xp.where(old * new < 0, xp.zeros((), new.dtype), new)
