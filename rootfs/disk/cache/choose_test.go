package cache

import (
	"fmt"
	"strings"
	"testing"

	"bootrc/rootfs/disk"
)

// machine makes disks of a description, one a line: name, size in GiB, content, and
// words. A line that is indented is a partition of the disk above.
func machine(t *testing.T, text string) []Disk {
	t.Helper()
	var disks []Disk
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		var gib int64
		fmt.Sscan(words[1], &gib)
		v := Volume{Device: disk.Device{Name: words[0], Size: gib << 30, Physical: true}}
		v.Content.Type, v.Content.Label, _ = strings.Cut(words[2], ":")
		v.Content.Type = strings.Replace(v.Content.Type, "unfinished", disk.Unfinished, 1)
		d := Disk{}
		for _, word := range words[3:] {
			apply(&d, &v, word)
		}
		if strings.HasPrefix(line, " ") {
			last := &disks[len(disks)-1]
			v.Disk, v.Number = last.Name, len(last.Partitions)+1
			last.Partitions = append(last.Partitions, v)
		} else {
			d.Volume = v
			disks = append(disks, d)
		}
	}
	return disks
}

func apply(d *Disk, v *Volume, word string) {
	switch word {
	case "removable":
		v.Removable = true
	case "readonly":
		v.ReadOnly = true
	case "failing":
		v.Err = fmt.Errorf("/dev/%s cannot be read: input/output error", v.Name)
	case "loop":
		v.Physical = false
	case "booted":
		d.Booted = true
	case "busy":
		d.Busy = true
	default:
		v.Label = word
	}
}

// Each row is a machine, and what each value of b2c.cache_device= does with it: what
// has to be done, and to which device; or the words of the refusal.
func TestChoose(t *testing.T) {
	const free = "no disk is free"
	for _, tt := range []struct{ name, disks, auto, reset, wipe string }{
		{"no disk", "", free, free, free},
		{"an empty disk", "vda 8 empty", "partition vda", "partition vda", "partition vda"},
		{"the largest of two empty disks", "vda 8 empty\nvdb 9 empty", "partition vdb", "partition vdb", "partition vdb"},
		{"an empty disk beside a larger one in use", "vda 8 empty\nvdb 9 ext4", "partition vda", "partition vda", "partition vda"},
		{"a foreign table", "vda 8 gpt\n vda1 4 ext4:data", free, free, "partition vda"},
		{"a table without partitions", "vda 8 gpt", free, free, "partition vda"},
		{"LUKS", "vda 8 crypto_LUKS", free, free, "partition vda"},
		{"LVM", "vda 8 LVM2_member", free, free, "partition vda"},
		{"a member of a RAID", "vda 8 linux_raid_member", free, free, "partition vda"},
		{"what nobody knows", "vda 8 unknown", free, free, "partition vda"},
		{"a stick that is the only disk", "sda 8 empty removable", "partition sda", "partition sda", "partition sda"},
		{"an ISO on a stick that is the only disk", "sda 8 iso9660,dos removable", free, free, "partition sda"},
		{"an empty stick beside a disk", "sda 8 empty removable\nvda 4 ext4", free, free, "partition vda"},
		{"the disk that was booted from", "vda 8 gpt booted\n vda1 4 vfat", free, free, free},
		{"too small", "vda 0 empty", free, free, free},
		{"read-only", "vda 8 empty readonly", free, free, free},
		{"failing", "vda 8 empty failing", free, free, free},
		{"failing beside an empty one", "vda 9 empty failing\nvdb 8 empty", "partition vdb", "partition vdb", "partition vdb"},
		{"in use", "vda 8 empty busy", free, free, free},
		{"no hardware", "loop0 8 empty loop", free, free, free},

		{"a cache", "vda 8 gpt\n vda1 8 ext4:B2C_CACHE B2C_CACHE", "use vda1", "format vda1", "use vda1"},
		{"by the partition's name", "vda 8 gpt\n vda1 8 ext4 B2C_CACHE", "use vda1", "format vda1", "use vda1"},
		{"by the filesystem's label", "vda 8 dos\n vda1 8 ext4:B2C_CACHE", "use vda1", "format vda1", "use vda1"},
		{"on the whole disk", "vda 8 ext4:B2C_CACHE", "use vda", "format vda", "use vda"},
		{"on the second disk", "vda 9 empty\nvdb 8 gpt\n vdb1 2 ext4:x\n vdb2 4 ext4:B2C_CACHE", "use vdb2", "format vdb2", "use vdb2"},
		{"on a stick", "vda 9 empty\nsda 8 gpt removable\n sda1 8 ext4:B2C_CACHE", "use sda1", "format sda1", "use sda1"},
		{"two caches: the larger", "vda 8 gpt\n vda1 2 ext4:B2C_CACHE\nvdb 8 gpt\n vdb1 4 ext4:B2C_CACHE", "use vdb1", "format vdb1", "use vdb1"},
		{"a name without a filesystem", "vda 8 gpt\n vda1 8 empty B2C_CACHE", "format vda1", "format vda1", "format vda1"},
		{"a name on something else", "vda 8 gpt\n vda1 8 crypto_LUKS B2C_CACHE", "holds crypto_LUKS", "format vda1", "holds crypto_LUKS"},
		{"half of a mirror", "vda 8 gpt\n vda1 8 ext4,linux_raid_member:B2C_CACHE", free, free, "partition vda"},
		{"a cache that is read-only", "vda 8 gpt\n vda1 8 ext4:B2C_CACHE readonly\nvdb 8 empty", "read-only", "read-only", "read-only"},
		{"a cache that cannot be read", "vda 8 gpt\n vda1 8 ext4 failing B2C_CACHE\nvdb 8 empty", "cannot be read", "cannot be read", "cannot be read"},
		{"a cache in use", "vda 8 gpt busy\n vda1 8 ext4 B2C_CACHE", "in use", "in use", "in use"},
		{"cut short before the table was whole", "vda 8 unfinished", "partition vda", "partition vda", "partition vda"},
		{"cut short, beside an empty disk", "vda 8 unfinished\nvdb 4 empty", "partition vda", "partition vda", "partition vda"},
		{"cut short before the filesystem was whole", "vda 8 unfinished\n vda1 8 ext4:B2C_CACHE B2C_CACHE", "format vda1", "format vda1", "format vda1"},
		{"cut short, then partitioned by somebody", "vda 8 unfinished\n vda1 8 ext4", free, free, "partition vda"},
	} {
		disks := machine(t, tt.disks)
		for mode, want := range map[Mode]string{Auto: tt.auto, Reset: tt.reset, Wipe: tt.wipe} {
			plan, err := Choose(mode, disks)
			expect(t, tt.name+": "+string(mode), plan, err, want)
		}
	}
}

// expect compares a plan with words such as "format vda1", and an error with some of
// its own.
func expect(t *testing.T, name string, plan Plan, err error, want string) {
	t.Helper()
	got := map[Step]string{Use: "use ", Format: "format ", Partition: "partition ", Append: "append to "}[plan.Step] + plan.Device.Name
	if err != nil {
		if got = err.Error(); want != "" && strings.Contains(got, want) {
			return
		}
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

// What b2c.cache_device=stick does with the stick whose filesystem is on sda1.
func TestChooseBeside(t *testing.T) {
	for _, tt := range []struct{ name, disks, want string }{
		{"a new stick", "sda 8 dos removable booted\n sda1 1 vfat\nvda 9 empty", "append to sda"},
		{"with a cache", "sda 8 dos removable booted\n sda1 1 vfat\n sda2 7 ext4:B2C_CACHE\nvda 9 ext4:B2C_CACHE", "use sda2"},
		{"with somebody's partition", "sda 8 dos\n sda1 1 vfat\n sda2 2 ext4:photos", "append to sda"},
		{"cut short before the filesystem", "sda 8 unfinished,dos\n sda1 1 vfat\n sda2 7 empty", "format sda2"},
		{"cut short within it", "sda 8 unfinished,dos\n sda1 1 vfat\n sda2 7 unknown", "format sda2"},
		{"cut short before the mark went", "sda 8 unfinished,dos\n sda1 1 vfat\n sda2 7 ext4:B2C_CACHE", "format sda2"},
		{"cut short before the partition", "sda 8 unfinished,dos\n sda1 1 vfat", "append to sda"},
		{"cut short, then partitioned by somebody", "sda 8 unfinished,dos\n sda1 1 vfat\n sda2 7 ntfs", "append to sda"},
		{"read-only", "sda 8 dos readonly\n sda1 1 vfat", "/dev/sda: it is read-only"},
		{"no partition", "sda1 8 vfat", "no room beside it"},
	} {
		plan, err := ChooseBeside("/dev/sda1", machine(t, tt.disks))
		expect(t, tt.name, plan, err, tt.want)
	}
}

// What b2c.cache_device=/dev/NAME does with what it names.
func TestChooseNamed(t *testing.T) {
	const disks = `
vda 8 gpt
 vda1 4 ext4:photos
 vda2 1 empty
 vda3 1 crypto_LUKS
 vda4 1 vfat
 vda5 1 xfs
 vda6 1 unknown
vdb 8 gpt
 vdb1 4 ext4
 vdb2 4 ext4:B2C_CACHE
vdc 0 empty
vdd 8 ext4 readonly
 vdd1 8 ext4 readonly
vde 8 ext4 busy
 vde1 8 empty
vdf 8 empty failing
vdg 8 ext4:B2C_CACHE
sda 8 iso9660,dos removable
nvme0n1 8 unfinished
 nvme0n1p1 8 unknown B2C_CACHE
loop0 8 empty loop
dm-0 8 empty loop
dm-1 8 crypto_LUKS loop
`
	for name, want := range map[string]string{
		"vda":       "partition vda", // whatever is on it: it is named
		"vda1":      "use vda1",
		"vda2":      "format vda2",
		"vda3":      "/dev/vda3 holds crypto_LUKS, and only a partition that holds nothing is formatted",
		"vda4":      "/dev/vda4 holds vfat",
		"vda5":      "use vda5",
		"vda6":      "/dev/vda6 holds data of an unknown kind",
		"vdb":       "use vdb2",
		"vdc":       "/dev/vdc: it is too small",
		"vdd":       "/dev/vdd: it is read-only",
		"vdd1":      "/dev/vdd1 is read-only",
		"vde":       "/dev/vde: it is in use",
		"vde1":      "/dev/vde1 is in use",
		"vdf":       "/dev/vdf: cannot be read",
		"vdg":       "use vdg",
		"sda":       "partition sda",
		"nvme0n1":   "format nvme0n1p1",
		"nvme0n1p1": "format nvme0n1p1",
		"loop0":     "partition loop0",
		"dm-0":      "format dm-0",
		"dm-1":      "/dev/dm-1 holds crypto_LUKS",
		"vdz":       "/dev/vdz: there is no such disk",
	} {
		plan, err := ChooseNamed("/dev/"+name, machine(t, disks))
		expect(t, name, plan, err, want)
	}
}

// A person who reads the console sees each disk, and how to use it.
func TestSeen(t *testing.T) {
	disks := machine(t, "vda 8 gpt\n vda1 4 ext4:photos\n vda2 4 swap\nvdb 9 crypto_LUKS readonly\nsda 1 iso9660 removable\nloop0 5 empty loop")
	_, err := Choose(Auto, disks)
	want := `no partition is named B2C_CACHE, and no disk is free to become the cache:
  /dev/vdb  9 GiB  crypto_LUKS                            no use: it is read-only
  /dev/vda  8 GiB  gpt (vda1 ext4 "photos", vda2 swap)    use it: b2c.cache_device=/dev/vda
  /dev/sda  1 GiB  iso9660, removable                     use it: b2c.cache_device=/dev/sda
  b2c.cache_device=auto,wipe would erase /dev/vda`
	if err == nil || squeeze(err.Error()) != squeeze(want) {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}

// squeeze takes the alignment out of a table.
func squeeze(text string) string {
	for strings.Contains(text, "  ") {
		text = strings.ReplaceAll(text, "  ", " ")
	}
	return text
}

func TestSecondCacheIsNamed(t *testing.T) {
	plan, err := Choose(Auto, machine(t, "vda 8 gpt\n vda1 4 ext4:B2C_CACHE\nvdb 8 gpt\n vdb1 2 ext4 B2C_CACHE"))
	if got := strings.Join(plan.Notes, "\n"); err != nil || got != "/dev/vdb1 is named B2C_CACHE, too: it is left alone" {
		t.Errorf("got %q, %v", got, err)
	}
}
