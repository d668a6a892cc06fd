"""What people ask for about tasks: to have them, change them, and try them out."""
