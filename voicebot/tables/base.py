"""The base of every table, and how constraints are named."""

import re

from sqlalchemy.orm import declared_attr
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of every table: named after its class in snake case, a closing `Row` left out."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805 - SQLAlchemy calls it on the class
        name = cls.__name__.removesuffix("Row")
        return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
