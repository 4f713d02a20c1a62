from tests.web.accounts.conftest import provider

__all__ = ["provider"]
