# SPDX-License-Identifier: Apache-2.0
"""A model of Amazon Personalize without a server. Clock, access checks and object reader are injected."""

from .errors import ServiceError
from .model import Personalize
from .ports import AccessChecker, ObjectReader, Read, ReadRefused
from .timing import Timing

__all__ = ["AccessChecker", "ObjectReader", "Personalize", "Read", "ReadRefused", "ServiceError", "Timing"]
