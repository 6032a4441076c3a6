import { onLive, type Deciders } from '../decider';
import { transfer } from './transfer';

export const roles = { transfer: onLive(transfer) } satisfies Deciders;
