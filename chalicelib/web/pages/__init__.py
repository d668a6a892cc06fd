"""The pages: the console that people look at, rendered here, working without JavaScript.

`blueprints` is for app.py to register; templates and style sheet stand beside this folder.
"""

from chalicelib.web.pages.blueprint import blueprint

blueprints = (blueprint(),)

__all__ = ["blueprints"]
