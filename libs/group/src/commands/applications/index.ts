import { onAnyLive, onLive, type Deciders } from '../decider';
import { apply } from './apply';
import { expireApplications } from './expireApplications';
import { handleApplication } from './handleApplication';
import { withdrawApplication } from './withdrawApplication';

export const applications = {
  apply: onLive(apply),
  handleApplication: onLive(handleApplication),
  withdrawApplication: onLive(withdrawApplication),
  expireApplications: onAnyLive(expireApplications),
} satisfies Deciders;
