import { onAnyLive, type Deciders } from '../decider';
import { eraseMember } from './eraseMember';

export const wholeUser = { eraseMember: onAnyLive(eraseMember) } satisfies Deciders;
