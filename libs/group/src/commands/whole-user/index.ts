import { onAnyLive, type Deciders } from '../decider';
import { eraseMember } from './eraseMember';
import { eraseRequests } from './eraseRequests';

export const wholeUser = {
  eraseMember: onAnyLive(eraseMember),
  eraseRequests: onAnyLive(eraseRequests),
} satisfies Deciders;
