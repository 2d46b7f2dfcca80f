# SPDX-License-Identifier: Apache-2.0
"""A plain model of Amazon Personalize: its state, and an injected clock, judge of access and reader."""

from .errors import ServiceError
from .model import Personalize
from .ports import AccessJudge, ObjectReader, Read, ReadRefused
from .timing import Timing

__all__ = ["AccessJudge", "ObjectReader", "Personalize", "Read", "ReadRefused", "ServiceError", "Timing"]
