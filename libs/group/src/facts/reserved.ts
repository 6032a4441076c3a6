import { isReservedForAliases } from '@cohort/contracts';
import { refuse, type Refused } from '../decision';

/** A refusal when the id lies among the numbers that only aliases may be. */
export function mustNotBeReserved(groupId: string): Refused | undefined {
  if (!isReservedForAliases(groupId)) return undefined;
  return refuse(
    'GROUP_ID_RESERVED',
    'groupId must not be a decimal number from 2^52 to 2^53-1: these are reserved for aliases. Choose another id.',
  );
}
