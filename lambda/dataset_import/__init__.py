# SPDX-License-Identifier: Apache-2.0
"""The handler of `Custom::PersonalizeDatasetImportJob`: imports data into a dataset of Amazon Personalize.

Reading order: `handler` (the entry) → `importing` and `deleting` (what a request means) → `jobs` (the
decisions, pure) → `personalize`, `polling`, `answer` (the effects).
"""
