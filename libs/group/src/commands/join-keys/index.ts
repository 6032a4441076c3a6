import { onLive, type Deciders } from '../decider';
import { changeJoinKey } from './changeJoinKey';
import { joinByCode } from './joinByCode';

export const joinKeys = {
  changeJoinKey: onLive(changeJoinKey),
  joinByCode: onLive(joinByCode),
} satisfies Deciders;
