"""What is read of touchpoints and orders."""

from __future__ import annotations

from typing import Final

from service.identity.repository import CUSTOMER
from service.reads.relations import Relation

TOUCHPOINT_BY_ID: Final = Relation("touchpoints/touchpoint_by_id", end="t", type="Touchpoint")
NEWEST: Final = Relation("touchpoints/newest", CUSTOMER, "t", "Touchpoint")
NEWEST_INBOUND: Final = Relation("touchpoints/newest_inbound", CUSTOMER, "t", "Touchpoint")
OLDEST: Final = Relation("touchpoints/oldest", CUSTOMER, "t", "Touchpoint")
COUNT: Final = Relation("touchpoints/count", CUSTOMER, values=("n",))
CHANNELS: Final = Relation("touchpoints/channels", CUSTOMER, values=("x", "n"))
ORDER_BY_ID: Final = Relation("touchpoints/order_by_id", end="o", type="Order")
ORDERS: Final = Relation("touchpoints/orders_of_customer", CUSTOMER, "o", "Order")
ORDER_VALUES: Final = Relation("touchpoints/order_values", CUSTOMER, "o")
CUSTOMER_OF_TOUCHPOINT: Final = Relation("touchpoints/customer_of_touchpoint", end="c", type="Customer")
CUSTOMER_OF_ORDER: Final = Relation("touchpoints/customer_of_order", end="c", type="Customer")
