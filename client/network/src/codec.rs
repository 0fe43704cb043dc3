//! Requests and responses as bytes on a stream.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::{StreamProtocol, request_response};

/// The status byte of a response that follows.
const ANSWERED: u8 = 0;
/// The status byte of a refusal.
const REFUSED: u8 = 1;

/// What a peer asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Data(Vec<u8>),
    /// It announced more than the limit; none of it was read. Not an error, of which libp2p would not tell.
    TooLong,
}

/// What comes back for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Data(Vec<u8>),
    Refused,
}

/// Length, then bytes; both sides check the length before they read or write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codec {
    pub(crate) request_bytes_max: usize,
    pub(crate) response_bytes_max: usize,
}

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Question;
    type Response = Answer;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Question>
    where
        T: AsyncRead + Unpin + Send,
    {
        match read(io, self.request_bytes_max).await {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Question::TooLong),
            other => other.map(Question::Data),
        }
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Answer>
    where
        T: AsyncRead + Unpin + Send,
    {
        let mut status = [0];
        io.read_exact(&mut status).await?;
        match status {
            [ANSWERED] => read(io, self.response_bytes_max).await.map(Answer::Data),
            [REFUSED] => Ok(Answer::Refused),
            _ => Err(invalid("a response with an unknown status")),
        }
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: Question,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match request {
            Question::Data(data) => write(io, &data, self.request_bytes_max).await,
            Question::TooLong => Err(too_long()),
        }
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        answer: Answer,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match answer {
            Answer::Data(data) => {
                io.write_all(&[ANSWERED]).await?;
                write(io, &data, self.response_bytes_max).await
            }
            Answer::Refused => io.write_all(&[REFUSED]).await,
        }
    }
}

async fn read<T: AsyncRead + Unpin + Send>(io: &mut T, max: usize) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    io.read_exact(&mut length).await?;
    let length = u32::from_le_bytes(length);
    if usize::try_from(length).unwrap_or(usize::MAX) > max {
        return Err(invalid("a message longer than the limit"));
    }
    // Memory grows with what comes, not with what was announced.
    let mut data = Vec::new();
    let read = io.take(length.into()).read_to_end(&mut data).await?;
    if u32::try_from(read) != Ok(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(data)
}

async fn write<T: AsyncWrite + Unpin + Send>(
    io: &mut T,
    data: &[u8],
    max: usize,
) -> io::Result<()> {
    let length = u32::try_from(data.len()).ok().filter(|_| data.len() <= max);
    let Some(length) = length else {
        return Err(too_long());
    };
    io.write_all(&length.to_le_bytes()).await?;
    io.write_all(data).await
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "a message longer than the limit")
}

fn invalid(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use futures::executor::block_on;
    use futures::io::Cursor;
    use libp2p::request_response::Codec as _;

    use super::*;

    const PROTOCOL: StreamProtocol = StreamProtocol::new("/test");
    const CODEC: Codec = Codec { request_bytes_max: 3, response_bytes_max: 4 };

    fn request(bytes: &[u8]) -> io::Result<Question> {
        block_on(CODEC.clone().read_request(&PROTOCOL, &mut Cursor::new(bytes)))
    }

    fn response(bytes: &[u8]) -> io::Result<Answer> {
        block_on(CODEC.clone().read_response(&PROTOCOL, &mut Cursor::new(bytes)))
    }

    #[test]
    fn what_is_written_is_read() {
        for data in [vec![], vec![1, 2, 3]] {
            let mut bytes = Vec::new();
            let question = Question::Data(data);
            block_on(CODEC.clone().write_request(&PROTOCOL, &mut bytes, question.clone())).unwrap();
            assert_eq!(request(&bytes).unwrap(), question);
        }
        for answer in [Answer::Refused, Answer::Data(vec![]), Answer::Data(vec![1, 2, 3, 4])] {
            let mut bytes = Vec::new();
            block_on(CODEC.clone().write_response(&PROTOCOL, &mut bytes, answer.clone())).unwrap();
            assert_eq!(response(&bytes).unwrap(), answer);
        }
    }

    #[test]
    fn one_past_the_limit_is_neither_written_nor_read() {
        let mut bytes = Vec::new();
        for question in [Question::Data(vec![0; 4]), Question::TooLong] {
            let error = block_on(CODEC.clone().write_request(&PROTOCOL, &mut bytes, question));
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        let error =
            block_on(CODEC.clone().write_response(&PROTOCOL, &mut bytes, Answer::Data(vec![0; 5])));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(request(&[4, 0, 0, 0, 1, 2, 3, 4]).unwrap(), Question::TooLong);
        assert_eq!(request(&[255; 8]).unwrap(), Question::TooLong);
        let error = response(&[0, 5, 0, 0, 0, 1, 2, 3, 4, 5]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn what_is_cut_or_unknown_is_an_error() {
        for bytes in [&[][..], &[1, 0], &[3, 0, 0, 0], &[3, 0, 0, 0, 1, 2]] {
            assert_eq!(request(bytes).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
        for bytes in [&[][..], &[0], &[0, 3, 0, 0, 0, 1, 2]] {
            assert_eq!(response(bytes).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
        assert_eq!(response(&[2]).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
