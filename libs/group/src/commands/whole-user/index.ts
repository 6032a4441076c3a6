import { onLive, type Deciders } from '../decider';
import { eraseMember } from './eraseMember';

export const wholeUser = { eraseMember: onLive(eraseMember) } satisfies Deciders;
