"""The local stack: Punctual on one machine, the very handlers of app.py behind stand-ins for the AWS parts."""
