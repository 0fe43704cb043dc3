//! Events on their way to the consumer.

use std::collections::VecDeque;

use tokio::sync::mpsc;

use crate::event::Event;

/// LIMIT: news of own addresses that wait; [`crate::Network::listen_addresses`] has them all.
const LISTENING_MAX: usize = 64;

/// A bounded channel, before which what must not be lost waits.
///
/// What waits is bounded: a peer that comes and goes while the consumer sleeps is not mentioned at
/// all, so there is at most one departure for each peer that the consumer knows, and one arrival for each
/// that is connected.
#[derive(Debug)]
pub(crate) struct Outbox {
    sender: mpsc::Sender<Event>,
    waiting: VecDeque<Event>,
}

impl Outbox {
    pub(crate) fn new(sender: mpsc::Sender<Event>) -> Self {
        Self { sender, waiting: VecDeque::new() }
    }

    /// Sends an event that may be lost, unless the consumer does not keep up: then it comes back.
    pub(crate) fn offer(&mut self, event: Event) -> Result<(), Box<Event>> {
        if !self.waiting.is_empty() {
            return Err(Box::new(event));
        }
        self.sender.try_send(event).map_err(|error| Box::new(error.into_inner()))
    }

    /// Sends an event that must not be lost.
    pub(crate) fn deliver(&mut self, event: Event) {
        if let Event::PeerDisconnected { peer: gone } = &event {
            let arrival = self.waiting.iter().rposition(
                |waiting| matches!(waiting, Event::PeerConnected { peer, .. } if peer == gone),
            );
            if let Some(at) = arrival {
                self.waiting.remove(at);
                return;
            }
        }
        if matches!(event, Event::Listening(_)) && self.waiting.len() >= LISTENING_MAX {
            return;
        }
        if let Err(event) = self.offer(event) {
            self.waiting.push_back(*event);
        }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Sends one of those that wait, once there is room.
    pub(crate) async fn flush(&mut self) {
        if let Ok(room) = self.sender.reserve().await
            && let Some(event) = self.waiting.pop_front()
        {
            room.send(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use libp2p::PeerId;

    use super::*;
    use crate::peers::Direction;

    fn connected(peer: PeerId) -> Event {
        Event::PeerConnected { peer, direction: Direction::Inbound }
    }

    #[test]
    fn arrivals_and_departures_wait_and_others_are_dropped() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        let [one, two] = [(); 2].map(|()| PeerId::random());
        outbox.deliver(connected(one));
        assert!(!outbox.is_waiting());
        assert!(outbox.offer(connected(two)).is_err(), "one past the limit");
        outbox.deliver(Event::PeerDisconnected { peer: one });
        outbox.deliver(connected(one));
        assert!(outbox.is_waiting());
        let expected = receiver.try_recv().unwrap();
        assert!(matches!(expected, Event::PeerConnected { peer, .. } if peer == one));
        assert!(outbox.offer(connected(two)).is_err(), "nothing overtakes what waits");
        for _ in 0..2 {
            block_on(outbox.flush());
            assert!(receiver.try_recv().is_ok());
        }
        assert!(!outbox.is_waiting());
        assert!(outbox.offer(connected(two)).is_ok());
    }

    #[test]
    fn who_comes_and_goes_meanwhile_is_not_mentioned() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut outbox = Outbox::new(sender);
        let known = PeerId::random();
        outbox.deliver(connected(known));
        outbox.deliver(Event::PeerDisconnected { peer: known });
        for _ in 0..1_000 {
            let passing = PeerId::random();
            outbox.deliver(connected(passing));
            outbox.deliver(Event::PeerDisconnected { peer: passing });
            outbox.deliver(connected(known));
            outbox.deliver(Event::PeerDisconnected { peer: known });
            outbox.deliver(Event::Listening("/memory/1".parse().unwrap()));
        }
        assert_eq!(outbox.waiting.len(), LISTENING_MAX);
        assert!(matches!(receiver.try_recv(), Ok(Event::PeerConnected { .. })));
        block_on(outbox.flush());
        let gone = receiver.try_recv().unwrap();
        assert!(matches!(gone, Event::PeerDisconnected { peer } if peer == known));
    }
}
