# SPDX-License-Identifier: Apache-2.0
"""The handler of `Custom::PersonalizeDatasetImportJob`: imports data into a dataset of Amazon Personalize.

Reading order: `handler` (the entry) → `resource` (crhelper's part) → `request` (what is asked for) →
`importing`, `signalling` and `deleting` (what it means) → `jobs` (the decisions, pure) → `watch` (the
waiting) → `claim`, `ledger` and `state` (which request counts, and what is known of it) → `personalize`,
`polling` and `answer` (the effects).
"""
