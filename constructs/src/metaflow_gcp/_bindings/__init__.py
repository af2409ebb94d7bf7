"""The provider bindings, loaded when they are used."""
