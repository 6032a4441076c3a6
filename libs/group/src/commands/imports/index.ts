import type { Deciders } from '../decider';
import { completeImport } from './completeImport';
import { importGroup } from './importGroup';
import { importMembers } from './importMembers';

export const imports = { importGroup, importMembers, completeImport } satisfies Deciders;
