// Package tree is what both sides of a mirror have in common: named entries in
// one order, and the attributes of files as an object's metadata.
package tree

import (
	"iter"
	"time"
)

// Kind is what an entry is.
type Kind uint8

const (
	File     Kind = iota // a regular file
	Folder               // its name ends in "/"
	Link                 // a symbolic link
	HardLink             // another name of a file that comes before it
	Other                // a socket, a pipe, a device: never copied
)

// Entry is a file below a folder, or an object below a prefix.
type Entry struct {
	// Name is relative, with "/" between its parts; a folder's ends in "/", and
	// that of the uppermost folder is "". Both sides list in the order of the
	// bytes of these names.
	Name string
	Kind Kind
	Size int64 // in bytes; 0 unless it is a File

	Attributes Attributes
	// Known tells that Kind and Attributes are complete. An object whose
	// metadata were not listed has only what a listing says.
	Known bool

	// Modified is, of an object, when the server stored it; of a file, when its
	// content or attributes changed last (ctime).
	Modified time.Time
	ETag     string // of an object
	// MD5 is an object's ETag where it is the MD5 of the content, as far as a
	// listing lets tell.
	MD5 string
}

// Seq is a listing: entries, each with a nil error, or errors, each naming what
// could not be listed. After an error the listing may go on.
type Seq = iter.Seq2[Entry, error]
