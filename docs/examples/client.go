// An NBD client in the standard library alone: writes a block with FUA and reads it back.
// Usage: client HOST:PORT VOLUME. The rules that it keeps to are in ../ATTACH.md.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"syscall"
)

type client struct {
	conn   net.Conn
	size   uint64
	cookie uint64
}

type request struct {
	Magic          uint32
	Flags, Command uint16
	Cookie, Offset uint64
	Length         uint32
}

type optionReply struct {
	Magic                uint64
	Option, Kind, Length uint32
}

type simpleReply struct {
	Magic, Error uint32
	Cookie       uint64
}

func connect(address, volume string) (*client, error) {
	conn, err := net.Dial("tcp", address) // Go sets TCP_NODELAY
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn}
	var greeting struct {
		Magic [16]byte
		Flags uint16
	}
	if err := binary.Read(conn, binary.BigEndian, &greeting); err != nil {
		return nil, err
	}
	if string(greeting.Magic[:]) != "NBDMAGICIHAVEOPT" {
		return nil, fmt.Errorf("not an NBD server")
	}
	var out bytes.Buffer
	binary.Write(&out, binary.BigEndian, uint32(greeting.Flags&3)) // fixed newstyle, no zeroes
	out.WriteString("IHAVEOPT")
	binary.Write(&out, binary.BigEndian, []uint32{7, uint32(len(volume) + 6), uint32(len(volume))})
	out.WriteString(volume)
	binary.Write(&out, binary.BigEndian, uint16(0)) // asks for nothing more: any byte may be addressed
	if _, err := conn.Write(out.Bytes()); err != nil {
		return nil, err
	}
	for {
		var reply optionReply
		if err := binary.Read(conn, binary.BigEndian, &reply); err != nil {
			return nil, err
		}
		data := make([]byte, reply.Length)
		if _, err := io.ReadFull(conn, data); err != nil {
			return nil, err
		}
		switch {
		case reply.Kind == 1: // ACK
			return c, nil
		case reply.Kind == 3 && data[0] == 0 && data[1] == 0: // the export
			c.size = binary.BigEndian.Uint64(data[2:])
		case reply.Kind != 3:
			return nil, fmt.Errorf("refused: %s", data)
		}
	}
}

func (c *client) send(flags, command uint16, offset uint64, length int, payload []byte) error {
	c.cookie++
	var out bytes.Buffer
	binary.Write(&out, binary.BigEndian,
		request{0x25609513, flags, command, c.cookie, offset, uint32(length)})
	out.Write(payload)
	_, err := c.conn.Write(out.Bytes())
	return err
}

// One request at a time, so its reply is the next one; data follow only after success.
func (c *client) reply() error {
	var reply simpleReply
	if err := binary.Read(c.conn, binary.BigEndian, &reply); err != nil {
		return err
	}
	if reply.Magic != 0x67446698 || reply.Cookie != c.cookie {
		return fmt.Errorf("not the reply that was due")
	}
	if reply.Error != 0 {
		return syscall.Errno(reply.Error)
	}
	return nil
}

func (c *client) writeDurably(offset uint64, data []byte) error {
	if err := c.send(1, 1, offset, len(data), data); err != nil { // FUA, WRITE
		return err
	}
	return c.reply()
}

func (c *client) read(offset uint64, data []byte) error {
	if err := c.send(0, 0, offset, len(data), nil); err != nil {
		return err
	}
	if err := c.reply(); err != nil {
		return err
	}
	_, err := io.ReadFull(c.conn, data)
	return err
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	c, err := connect(os.Args[1], os.Args[2])
	check(err)
	block, found := make([]byte, 4096), make([]byte, 4096)
	for i := range block {
		block[i] = byte(i * 7)
	}
	offset := c.size - 4096
	check(c.writeDurably(offset, block))
	check(c.read(offset, found))
	if !bytes.Equal(found, block) {
		log.Fatal("not what was written")
	}
	check(c.send(0, 2, 0, 0, nil)) // DISC
	fmt.Printf("%d bytes, the last block written and read\n", c.size)
}
