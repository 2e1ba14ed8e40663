//! An NBD client in the standard library alone: writes a block with FUA and reads it back.
//! Usage: client HOST:PORT VOLUME. The rules that it keeps to are in ../ATTACH.md.
use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;

struct Client {
    stream: TcpStream,
    size: u64,
    cookie: u64,
}

impl Client {
    fn connect(address: &str, volume: &str) -> Result<Client> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut client = Client {
            stream,
            size: 0,
            cookie: 0,
        };
        if &client.receive::<16>()? != b"NBDMAGICIHAVEOPT" {
            return Err(Error::other("not an NBD server"));
        }
        let flags = u16::from_be_bytes(client.receive()?) & 3; // fixed newstyle, no zeroes
        let mut go = Vec::from(u32::from(flags).to_be_bytes());
        go.extend(b"IHAVEOPT");
        go.extend(7u32.to_be_bytes()); // GO
        go.extend((volume.len() as u32 + 6).to_be_bytes());
        go.extend((volume.len() as u32).to_be_bytes());
        go.extend(volume.as_bytes());
        go.extend(0u16.to_be_bytes()); // asks for nothing more, so any byte may be addressed
        client.stream.write_all(&go)?;
        loop {
            let _magic_and_option: [u8; 12] = client.receive()?;
            let kind = u32::from_be_bytes(client.receive()?);
            let mut data = vec![0; u32::from_be_bytes(client.receive()?) as usize];
            client.stream.read_exact(&mut data)?;
            match kind {
                1 => return Ok(client), // ACK
                3 if data[..2] == [0, 0] => {
                    client.size = u64::from_be_bytes(data[2..10].try_into().unwrap())
                }
                3 => {} // other information
                _ => return Err(Error::other(String::from_utf8_lossy(&data))),
            }
        }
    }

    fn request(&mut self, flags: u16, command: u16, offset: u64, length: u32) -> Result<()> {
        self.cookie += 1;
        let mut header = Vec::from(0x25609513u32.to_be_bytes());
        header.extend(flags.to_be_bytes());
        header.extend(command.to_be_bytes());
        header.extend(self.cookie.to_be_bytes());
        header.extend(offset.to_be_bytes());
        header.extend(length.to_be_bytes());
        self.stream.write_all(&header)
    }

    /// One request at a time, so its reply is the next one; data follow only after success.
    fn reply(&mut self) -> Result<()> {
        let magic = u32::from_be_bytes(self.receive()?);
        let error = u32::from_be_bytes(self.receive()?);
        let cookie = u64::from_be_bytes(self.receive()?);
        match (magic, cookie == self.cookie, error) {
            (0x67446698, true, 0) => Ok(()),
            (0x67446698, true, _) => Err(Error::from_raw_os_error(error as i32)),
            _ => Err(Error::other("not the reply that was due")),
        }
    }

    fn write_durably(&mut self, offset: u64, data: &[u8]) -> Result<()> {
        self.request(1, 1, offset, data.len() as u32)?; // FUA, WRITE
        self.stream.write_all(data)?;
        self.reply()
    }

    fn read(&mut self, offset: u64, data: &mut [u8]) -> Result<()> {
        self.request(0, 0, offset, data.len() as u32)?;
        self.reply()?;
        self.stream.read_exact(data)
    }

    fn receive<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let mut client = Client::connect(&arguments[1], &arguments[2])?;
    let block: Vec<u8> = (0..4096u32).map(|i| (i * 7) as u8).collect();
    let mut found = vec![0; block.len()];
    let offset = client.size - 4096;
    client.write_durably(offset, &block)?;
    client.read(offset, &mut found)?;
    assert!(found == block, "not what was written");
    client.request(0, 2, 0, 0)?; // DISC
    println!("{} bytes, the last block written and read", client.size);
    Ok(())
}
