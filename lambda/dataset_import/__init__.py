# SPDX-License-Identifier: Apache-2.0
"""The handler of `Custom::PersonalizeDatasetImportJob`: imports data into a dataset of Amazon Personalize.

Reading order: `handler` (one event, from top to bottom) → `record` (which request counts) → `open_request`
(its record and its schedule) → `importing` and `deleting` (what it means) → `jobs` (the decisions, pure) →
`request` (what is asked for) → `personalize`, `table`, `schedules` and `cloudformation` (the effects).
"""
