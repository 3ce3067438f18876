package folder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"

	"bootrc/kit/inside"

	"golang.org/x/sys/unix"
)

// watched are the events of inotify(7) that change a tree. IN_MODIFY is for
// files that stay open.
const watched = unix.IN_CLOSE_WRITE | unix.IN_MODIFY | unix.IN_ATTRIB | unix.IN_CREATE | unix.IN_DELETE |
	unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_ONLYDIR | unix.IN_DONT_FOLLOW | unix.IN_EXCL_UNLINK

// Watch tells of changes in a tree, in folders that are made later, too.
type Watch struct {
	folder *Folder
	file   *os.File
	tell   func(Change)

	folders map[int32]string // watch descriptor: the folder's name
	done    sync.WaitGroup
	err     error // why it ended
}

// Change is a name that has changed, appeared or gone; a folder's ends in "/".
type Change struct {
	Name string
	// Below tells that anything in the folder may have changed, too. The folder
	// with the name "" is everything: more happened than the kernel keeps.
	Below bool
}

// Watch begins to tell of changes. tell is called by one goroutine.
func (f *Folder) Watch(tell func(Change)) (*Watch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", f.Path, err)
	}
	w := &Watch{folder: f, file: os.NewFile(uintptr(fd), "inotify"), tell: tell, folders: make(map[int32]string)}
	if err := w.add(""); err != nil {
		w.file.Close()
		return nil, fmt.Errorf("watch %s: %w", f.Path, explainLimit(err))
	}
	w.done.Go(w.read)
	return w, nil
}

func explainLimit(err error) error {
	if errors.Is(err, unix.ENOSPC) {
		return errors.New("it has more folders than /proc/sys/fs/inotify/max_user_watches")
	}
	return err
}

// Close ends the watch. Its error is why it told nothing any more before.
func (w *Watch) Close() error {
	w.file.Close()
	w.done.Wait()
	return w.err
}

// add watches a folder and those below it. The watch comes first, and then the
// look at what is there, so that nothing is missed in between.
func (w *Watch) add(name string) error {
	if len(name) > longestName {
		return nil // the listing says so
	}
	fd, err := w.folder.openBelow(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return ignoreGone(err)
	}
	dir := os.NewFile(uintptr(fd), name)
	defer dir.Close()
	inotify, err := w.descriptor()
	if err != nil {
		return err
	}
	descriptor, err := unix.InotifyAddWatch(inotify, inside.ProcPath(fd)+"/.", watched)
	if err != nil {
		return ignoreGone(err)
	}
	w.folders[int32(descriptor)] = name
	entries, err := dir.ReadDir(-1)
	if err != nil {
		return ignoreGone(err)
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), stagePrefix) {
			continue
		}
		if err := w.add(name + e.Name() + "/"); err != nil {
			return err
		}
	}
	return nil
}

// ignoreGone drops the error for what is gone, or is no folder any more.
func ignoreGone(err error) error {
	if IsGone(err) {
		return nil
	}
	return err
}

// descriptor returns the file descriptor without making it block.
func (w *Watch) descriptor() (fd int, err error) {
	conn, err := w.file.SyscallConn()
	if err != nil {
		return -1, err
	}
	err = conn.Control(func(n uintptr) { fd = int(n) })
	return fd, err
}

func (w *Watch) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := w.file.Read(buf)
		if err != nil {
			if !errors.Is(err, os.ErrClosed) {
				w.err = err
				w.tell(Change{Below: true})
			}
			return
		}
		if err := w.take(buf[:n]); err != nil {
			w.err = fmt.Errorf("watch %s: %w", w.folder.Path, explainLimit(err))
			w.tell(Change{Below: true})
		}
	}
}

// take takes the events of one read: struct inotify_event of inotify(7).
func (w *Watch) take(events []byte) error {
	for len(events) >= unix.SizeofInotifyEvent {
		descriptor := int32(binary.NativeEndian.Uint32(events))
		mask := binary.NativeEndian.Uint32(events[4:])
		length := int(binary.NativeEndian.Uint32(events[unsafe.Offsetof(unix.InotifyEvent{}.Len):]))
		base := strings.TrimRight(string(events[unix.SizeofInotifyEvent:][:length]), "\x00")
		events = events[unix.SizeofInotifyEvent+length:]
		if err := w.event(descriptor, mask, base); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watch) event(descriptor int32, mask uint32, base string) error {
	if mask&unix.IN_Q_OVERFLOW != 0 {
		w.tell(Change{Below: true})
		return w.add("") // a folder that is watched already keeps its descriptor
	}
	parent, ok := w.folders[descriptor]
	if mask&unix.IN_IGNORED != 0 {
		delete(w.folders, descriptor)
		return nil
	}
	if !ok || strings.HasPrefix(base, stagePrefix) {
		return nil
	}
	if base == "" {
		w.tell(Change{Name: parent})
		return nil
	}
	if mask&unix.IN_ISDIR == 0 {
		w.tell(Change{Name: parent + base})
		return nil
	}
	name := parent + base + "/"
	if mask&unix.IN_MOVED_FROM != 0 {
		w.forget(name)
	}
	var err error
	if mask&(unix.IN_CREATE|unix.IN_MOVED_TO) != 0 {
		err = w.add(name)
	}
	w.tell(Change{name, mask&unix.IN_ATTRIB == 0})
	return err
}

// forget ends the watches in a folder that has another name now, or is gone.
func (w *Watch) forget(name string) {
	inotify, err := w.descriptor()
	if err != nil {
		return
	}
	for descriptor, folder := range w.folders {
		if strings.HasPrefix(folder, name) {
			unix.InotifyRmWatch(inotify, uint32(descriptor))
			delete(w.folders, descriptor)
		}
	}
}
