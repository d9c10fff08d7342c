import {
  type ChatPreset,
  chat,
  chatV2,
  definePreset,
  media,
  type Preset,
  presigned,
  profilePicture,
  profilePictureJson,
  runningRoutes,
  uploadRoute,
} from '../index.ts';
import { checkChat } from './check-chat.ts';
import { checkPictures } from './check-pictures.ts';
import { type Finding, findingsOf } from './finding.ts';
import { askAt, NoReply, type Patient } from './patient.ts';

const pictures: Readonly<Record<string, Preset>> = {
  presigned,
  media,
  profilePicture,
  profilePictureJson,
  uploadRoute,
};
const chats: Readonly<Record<string, ChatPreset>> = {
  chat,
  chatRunning: definePreset({ extends: chat, name: 'chatRunning', routes: runningRoutes }),
  chatV2,
};

/** What `--preset` may name. */
export const presetNames: readonly string[] = [...Object.keys(pictures), ...Object.keys(chats)];

/** Checks a backend against presets, one after another. */
export async function examine(patient: Patient, names: readonly string[]): Promise<Finding[]> {
  const { works, broken } = findingsOf('backend');
  const findings: Finding[] = [];
  try {
    const { status, ms } = await askAt(patient, patient.baseUrl, { method: 'GET' });
    findings.push(works('address', `it answers (${status}) in ${ms} ms`));
  } catch (error) {
    if (!(error instanceof NoReply)) throw error;
    return [broken('address', error.message, 'start the backend, or give the address it is at')];
  }
  for (const name of names) {
    const [picture, ofChat] = [pictures[name], chats[name]];
    try {
      if (picture) findings.push(...(await checkPictures(patient, picture)));
      if (ofChat) findings.push(...(await checkChat(patient, ofChat)));
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      findings.push(findingsOf(name).broken('answers', error.message, 'look at the log of the backend'));
    }
  }
  return findings;
}
