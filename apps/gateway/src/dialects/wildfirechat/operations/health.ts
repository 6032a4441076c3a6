import { HEALTH_PATH } from '../auth';
import { done } from '../envelope';
import { operationWithoutBody } from '../operation';

export const health = [
  operationWithoutBody('health', ['GET', 'POST'], HEALTH_PATH, {
    source: 'Java SDK, healthCheck',
    summary: 'succeeds while the gateway serves; it needs no signature',
    input: {},
    does: () => Promise.resolve(),
    answer: done,
  }),
];
