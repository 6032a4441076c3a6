import { onLive, type Deciders } from '../decider';
import { changeCapacity } from './changeCapacity';
import { changeSettings } from './changeSettings';

export const settings = {
  changeCapacity: onLive(changeCapacity),
  changeSettings: onLive(changeSettings),
} satisfies Deciders;
