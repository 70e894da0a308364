"""Fixtures of the demo's tests."""

from demo_scene import ask, county, scene, serving

__all__ = ["ask", "county", "scene", "serving"]
