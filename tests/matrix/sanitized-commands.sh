#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The golden cases and the damaged traces through commands built with AddressSanitizer and UndefinedBehaviorSanitizer.
exec bash "$(dirname "$(realpath "$0")")/../unit/sanitizers.sh" commands
