"""From frames to the rows of ``public``, ``trusts`` and ``admins``: pure functions."""
