import { onLive, type Deciders } from '../decider';
import { block } from './block';
import { unblock } from './unblock';

export const blocks = { block: onLive(block), unblock: onLive(unblock) } satisfies Deciders;
