package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bootrc/init/cmdline"
	"bootrc/init/console"
	"bootrc/kit/quote"
)

// canary stands for each secret.
const canary = "ca-Na/ry+1=="

// secretPlaces are values of each argument with a CANARY in each place that can hold a
// secret, ESCAPED in URLs. Nil: it has none, not even a URL.
var secretPlaces = map[string][]string{
	"b2c.run":         containerPlaces,
	"b2c.run_service": containerPlaces,
	"b2c.run_post":    containerPlaces,
	"b2c.filesystem": {
		"n,src=//host/share,type=cifs,opts=username=me|password=CANARY|vers=3",
		"n,src=//host/share,opts=pass=CANARY", "n,opts=password2=CANARY,src=//host/share", "opts=passwd=CANARY",
		"n,src=host:/,type=ceph,opts=name=me|secret=CANARY",
	},
	"b2c.volume":         {"v,fscrypt_key=CANARY", "v,encrypt_key=CANARY,remove", "v,encrypt_key=s3/bucket=CANARY", "v,fscrypt_key=https://me:ESCAPED@host/key"},
	"b2c.minio":          {"s3,https://host,access,CANARY", "s3,https://host,access,a,CANARY", "s3,https://me:ESCAPED@host,access,x"},
	"b2c.load":           {"oci-archive:https://me:ESCAPED@host/x.tar", "docker-archive:https://host/x?X-Amz-Signature=ESCAPED"},
	"b2c.login":          {"host:5000,me,CANARY", "host/team,me,a,CANARY", "host,CANARY"},
	"b2c.mirror":         {"docker.io,https://me:ESCAPED@gateway", "docker.io,http://me:ESCAPED@gateway/docker,insecure"},
	"b2c.verify":         {"*,key=https://me:ESCAPED@host/farm.pub,pinned", "*,key=https://host/k?token=ESCAPED,sha256=00"},
	"b2c.ca":             {"https://me:ESCAPED@host/ca.pem", "https://host/ca?token=ESCAPED,sha256=00"},
	"b2c.proxy":          {"https=http://me:ESCAPED@proxy:3128", "http=http://proxy:1,https=HTTP://me:ESCAPED@proxy:3128,no_proxy=a|b"},
	"b2c.extra_args_url": {"https://me:ESCAPED@host/${mac}", "https://host/args?token=ESCAPED", "https://host/a?X-Amz-Date=1&X-Amz-Signature=ESCAPED&x=y"},
	"b2c.extra_args":     {"CANARY", "base64:CANARY"},
	"b2c.status_nonce":   {"CANARY"},
	"b2c.hook":           {"60-x.sh,https://me:ESCAPED@host/x.sh,sha256=00", "60-x.sh,https://host/x.sh?access_token=ESCAPED,sha256=00"},
	"b2c.shutdown_cmd":   {"fetch -H 'Authorization: CANARY' x", "fetch 'https://me:ESCAPED@host/off'; poweroff -f"},
	"b2c.reboot_cmd":     {"fetch https://host/off?sig=ESCAPED; reboot -f"},
	"b2c.pipefail":       nil, "b2c.pull": nil, "b2c.trust": nil, "b2c.expires": nil, "b2c.machine": nil, "b2c.offline": nil, "b2c.cache_device": nil, "b2c.cache_keep": nil, "b2c.stick": nil,
	"b2c.swap": nil, "b2c.zram": nil, "b2c.storage": nil, "b2c.modules": nil, "b2c.nbd": nil, "b2c.iface": nil, "b2c.dhcp": nil,
	"ip": nil, "bond": nil, "bridge": nil, "vlan": nil, "team": nil, "ifname": nil, "nameserver": nil, "rd.route": nil, "rd.neednet": nil, "BOOTIF": nil,
	"b2c.ntp_peer": nil, "b2c.trust_clock": nil, "b2c.hostname": nil, "b2c.keymap": nil, "b2c.log": nil, "b2c.skip": nil, "b2c.break": nil,
	"b2c.trace": nil, "b2c.shell": nil, "b2c.watchdog": nil, "b2c.deadline": nil, "b2c.network_timeout": nil, "b2c.on_crash": nil, "b2c.on_fail": nil, "b2c.poweroff_delay": nil,
}

var containerPlaces = []string{
	"--creds me:CANARY image", "--creds=me:CANARY image", "--creds='me:CANARY' image",
	"--creds  'me:two words CANARY' image", "--tls-verify=false --creds me:CANARY", "--nonsense --creds me:CANARY image", "--creds me:it's-CANARY image",
	"-e PASSWORD=CANARY image", "-ePASSWORD=CANARY image", "-tie DB_PASS=CANARY image", "--env 'API_TOKEN=CANARY' image", "--nonsense --env=SECRET_KEY=CANARY image",
	"-e URL=https://me:ESCAPED@host/ image", "-e URL=https://me:p@ca-Na@host/ image", "-e MC_HOST_s3=https://key:ESCAPED:token@host image",
	"-e MC_HOST_s3=https://key:other:ESCAPED@host image", "image wget HTTPS://me:ESCAPED@host/", "image sh -c 'curl https://host/?X-Amz-Signature=ESCAPED'",
	"docker://me:ESCAPED@host/image",
	"--env-merge DB_PASSWORD=${OLD}CANARY image", "-e DOCKER_AUTH_CONFIG=CANARY image", "-e GITLAB_PAT=CANARY image", "-e CLIENT_PEM=CANARY image",
	"image login --password CANARY", "image login --password=CANARY host", "image sh -c 'API_TOKEN=CANARY run'", "image env DB_PASSWORD=CANARY run",
	"image curl -H 'Authorization: Bearer CANARY' x", "image sh -c 'curl -H \\\"PRIVATE-TOKEN: CANARY\\\" x'",
}

// No secret of an argument is on the console, however it comes there.
func TestNoSecretIsShown(t *testing.T) {
	for _, a := range cmdline.Table {
		places, known := secretPlaces[a.Name]
		if !known {
			t.Errorf("%s: where can it hold a secret?", a.Name)
		}
		for _, name := range append([]string{a.Name}, a.Old...) {
			for _, place := range places {
				value := strings.NewReplacer("CANARY", canary, "ESCAPED", url.QueryEscape(canary)).Replace(place)
				texts := []string{value}
				if strings.Contains(place, "ESCAPED") {
					texts = append(texts, canary) // as the program uses it
				}
				shown := show(t, fmt.Sprintf("%s=\"%s\"", name, value), texts...)
				if !strings.Contains(shown, "[MASKED]") || strings.Contains(shown, "ca-Na") {
					t.Errorf("%s=%s: shown as %q", name, place, shown)
				}
			}
		}
	}
}

// What is said of a broken line has no secret in it: nobody can tell yet which of its words are such.
func TestNoSecretOfABrokenLineIsSaid(t *testing.T) {
	for _, line := range []string{
		"b2c.run=docker://x -e PASSWORD=CANARY", "b2c.run=--creds=me:CANARY docker://x", "b2c.run='--creds=me:CANARY docker://x'",
		"b2c.login='host,me,CANARY 1'", "b2c.login=host,me,CANARY\xff", "b2c.run=\"-e PASSWORD=CANARY docker://x",
	} {
		parsed, err := cmdline.Parse(strings.ReplaceAll(line, "CANARY", canary))
		said := fmt.Sprint(parsed.Warnings, err)
		if len(parsed.Warnings) == 0 && err == nil || strings.Contains(said, canary) {
			t.Errorf("%s: %s", line, said)
		}
	}
}

// show writes texts on the console of a boot with that line: as they are, in a trace, in
// errors, and cut in two.
func show(t *testing.T, line string, texts ...string) string {
	t.Helper()
	parsed, err := cmdline.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c := console.New(file)
	c.Hide(parsed.Secrets(secrets)...)
	for _, text := range texts {
		c.Write([]byte(text[:len(text)-1] + "…\n"))
		c.Report(text[:strings.Index(text, "ca-Na")+7] + "…")
		half := len(text) / 2
		for _, part := range []string{text, "\n", quote.Word(text), "\n", strconv.Quote(text), "\n", text[:half], text[half:], "\n"} {
			c.Write([]byte(part))
		}
		c.Error("it failed: " + text)
		c.Warn(text)
	}
	shown, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(shown)
}
