import { useCallback, useEffect, useState } from 'react';
import { VisavisProvider } from 'visavis/react';
import { type Person, readPeople, rememberedPerson } from '../../shared/people-api.js';
import { router } from '../../shared/router.js';
import { Header } from './header.tsx';
import { Messenger } from './messenger.tsx';
import { Notice } from './notice.tsx';
import { useSession } from './use-session.ts';

/** Who is at this window, and the messenger for them. */
export function App() {
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [isUnreachable, setUnreachable] = useState(false);
  const [who, setWho] = useState<{ readonly id: string; readonly turn: number } | null>(null);
  const client = useSession(who);

  const become = useCallback((id: string) => {
    router.become(id);
    setWho((before) => ({ id, turn: (before?.turn ?? 0) + 1 }));
  }, []);

  const start = useCallback(async () => {
    setUnreachable(false);
    try {
      const all = await readPeople();
      const person = rememberedPerson(all);
      setPeople(all);
      if (person) become(person.id);
    } catch {
      setUnreachable(true);
    }
  }, [become]);
  useEffect(() => void start(), [start]);

  const session = { people, userId: who?.id ?? '', onBecome: become };
  if (client) {
    return (
      <VisavisProvider client={client} key={who?.turn}>
        <Messenger {...session} />
      </VisavisProvider>
    );
  }
  return (
    <div className="app" data-view="inbox">
      <Header {...session} />
      <main>
        <h1 className="unseen">visavis</h1>
        {isUnreachable && <Notice text="The server cannot be reached." onRetry={() => void start()} />}
      </main>
    </div>
  );
}
