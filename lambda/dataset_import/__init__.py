# SPDX-License-Identifier: Apache-2.0
"""The handler of `Custom::PersonalizeDatasetImportJob`: imports data into a dataset of Amazon Personalize.

Reading order: `handler` (the entry) → `importing` and `deleting` (what a request means) → `jobs` (the
decisions, pure) → `watch` (the waiting, and which request counts) and `state` (what is known of it) →
`personalize`, `polling`, `answer` (the effects).
"""
