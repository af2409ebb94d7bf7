from tests.tools.commands.tasks.world import world

__all__ = ["world"]
