"""stub"""
def write(*a, **k): pass
