"""The google provider.

What holds for every type is in provider.py; what is special to a service is in a file of its own.
"""
