import type { Dialect } from '../dialect/dialect';
import { agora } from './agora/dialect';
import { lanying } from './lanying/dialect';
import { rongcloud } from './rongcloud/dialect';
import { wildfirechat } from './wildfirechat/dialect';

/** The vendors' APIs that the gateway serves. The order has no meaning: each request is claimed by one of them at most. */
export const DIALECTS: readonly Dialect[] = [rongcloud, lanying, wildfirechat, agora];
