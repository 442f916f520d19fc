/** What operators filter by in the Web UI. Never encrypted: nothing secret may stand here. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

export const SEARCH_ATTRIBUTES = {
  app: keyword('App'),
  environment: keyword('Environment'),
  version: keyword('Version'),
  phase: keyword('Phase'),
  strategy: keyword('Strategy'),
  outcome: keyword('Outcome'),
  requester: keyword('Requester'),
} as const;
