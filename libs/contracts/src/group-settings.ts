import { Shape, shaped, word, yesOrNo } from './shape';
import { JOIN_POLICIES, VISIBILITIES, type GroupSettings, type JoinPolicy, type Visibility } from './terms';
import { IsFlag, IsOneOf, Optional } from './validation';

const FIELDS: Readonly<Record<keyof GroupSettings, PropertyDecorator>> = {
  visibility: IsOneOf(VISIBILITIES),
  joinPolicy: IsOneOf(JOIN_POLICIES),
  membersMayInvite: IsFlag(),
  membersMayModify: IsFlag(),
  readAck: IsFlag(),
  historyVisible: IsFlag(),
  hideMemberInfo: IsFlag(),
  inviteNeedsConfirm: IsFlag(),
};

/** Each setting is an optional field of the class. */
export const HasSettings: ClassDecorator = ({ prototype }) => {
  for (const [name, check] of Object.entries(FIELDS)) {
    check(prototype as object, name);
    Optional()(prototype as object, name);
  }
};

/** Settings of a new group: those that are left out have their default. */
@HasSettings
export class SettingsDto implements Partial<GroupSettings> {
  visibility?: Visibility;
  joinPolicy?: JoinPolicy;
  membersMayInvite?: boolean;
  membersMayModify?: boolean;
  readAck?: boolean;
  historyVisible?: boolean;
  hideMemberInfo?: boolean;
  inviteNeedsConfirm?: boolean;
}

/** The settings of a group in an event that has all of them. */
export const allSettings = shaped(
  new Shape<GroupSettings>({
    visibility: word,
    joinPolicy: word,
    membersMayInvite: yesOrNo,
    membersMayModify: yesOrNo,
    readAck: yesOrNo,
    historyVisible: yesOrNo,
    hideMemberInfo: yesOrNo,
    inviteNeedsConfirm: yesOrNo,
  }),
);
