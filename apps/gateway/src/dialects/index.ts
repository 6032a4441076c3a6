import type { AppSettings } from '@cohort/contracts';
import type { DynamicModule } from '@nestjs/common';
import { RongCloudModule } from './rongcloud/rongcloud.module';

/**
 * The vendors' APIs that the gateway speaks. RongCloud stands last: it answers for every path that ends in `.json`,
 * where ids of others may stand too.
 */
export const DIALECTS: readonly { forApps(apps: readonly AppSettings[]): DynamicModule }[] = [RongCloudModule];
