package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bootrc/kmod"
	"bootrc/test/machine"
)

// boards are device trees of Debian's kernel, and modules without which the board would
// not come to its disk or its network: drivers, and what these need. What else they need
// is built in.
var boards = map[string]string{
	"broadcom/bcm2837-rpi-3-b":             "bcm2835 dwc2 bcm2835_wdt",
	"broadcom/bcm2711-rpi-4-b":             "bcm2835_wdt genet mdio_bcm_unimac sdhci_iproc gpio_regulator fixed reset_raspberrypi",
	"broadcom/bcm2712-rpi-5-b":             "fixed gpio_regulator",
	"rockchip/rk3588-rock-5b":              "dw_mmc_rockchip sdhci_of_dwcmshc phy_rockchip_naneng_combphy phy_rockchip_snps_pcie3 fan53555 spi_rockchip i2c_rk3x gpio_rockchip rk808_regulator",
	"allwinner/sun50i-a64-pine64":          "dwmac_sun8i sunxi_mmc axp20x_rsb axp20x_regulator phy_sun4i_usb pinctrl_axp209",
	"amlogic/meson-g12b-a311d-khadas-vim3": "dwmac_meson8b mdio_mux_meson_g12a meson_gx_mmc dwc3_meson_g12a pwm_regulator pwm_meson",
	"amlogic/meson-g12b-odroid-n2":         "dwmac_meson8b mdio_mux_meson_g12a meson_gx_mmc dwc3_meson_g12a pwm_regulator pwm_meson onboard_usb_dev",
	"freescale/imx8mq-evk":                 "fec sdhci_esdhc_imx pfuze100_regulator i2c_imx imx_sdma phy_fsl_imx8mq_usb",
	"nvidia/tegra210-p3450-0000":           "sdhci_tegra xhci_tegra phy_tegra_xusb pwm_regulator pwm_tegra max77620_regulator",
	"marvell/armada-8040-mcbin":            "mvpp2 mvmdio sdhci_xenon_driver ahci_platform phy_mvebu_cp110_comphy sfp",
	"freescale/fsl-lx2160a-honeycomb":      "sdhci_of_esdhc xgmac_mdio phy_fsl_lynx_28g dwc3 ahci_qoriq fsl_dpaa2_eth",
}

// undriven are names that tell what a node is, and that no driver looks for.
var undriven = []string{"ethernet-phy-ieee802.3-c22", "snps,dwmac-mdio"}

// TestBoards packs what each board's device tree asks for; with -v, it lists that.
func TestBoards(t *testing.T) {
	kernel, err := machine.DebianKernel("arm64", "6.12-generic")
	if err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(kernel.Image) // arm64's is not compressed
	if err != nil {
		t.Fatal(err)
	}
	src, err := openSource(kernel.Modules)
	if err != nil {
		t.Fatal(err)
	}
	for board, wanted := range boards {
		t.Run(board, func(t *testing.T) {
			file := filepath.Join(kernel.DeviceTrees(), board+".dtb")
			names, err := src.ofDeviceTrees(file)
			if err != nil {
				t.Fatal(err)
			}
			set, err := src.withDependencies(names)
			if err != nil {
				t.Fatal(err)
			}
			packed := make(map[string]bool)
			for _, m := range set {
				packed[m.name] = true
			}
			t.Logf("%d of %d modules: %s", len(set), len(src.order), strings.Join(slices.Sorted(maps.Keys(packed)), " "))
			for name := range strings.FieldsSeq(wanted) {
				if !packed[name] {
					t.Errorf("%s is missing", name)
				}
			}
			checkProviders(t, src, file, packed, image)
		})
	}
}

// checkProviders walks from the root to each device with a packed driver, on a way of its
// own: each node on that way, or one that it names, has its driver packed or, if none is a module,
// in the kernel's image.
func checkProviders(t *testing.T, src *source, file string, packed map[string]bool, image []byte) {
	root, err := readTree(file)
	if err != nil {
		t.Fatal(err)
	}
	x, err := src.aliasIndex()
	if err != nil {
		t.Fatal(err)
	}
	handles := newDeviceTree(root).handles
	known := make(map[*node]bool)
	check := func(of, n *node) {
		for ; n != nil && !known[n]; n = n.parent {
			known[n] = true
			drivers := x.Find(kmod.CanonicalAlias(n.alias()))
			for _, name := range drivers {
				if !packed[name] {
					t.Errorf("%s needs %s, whose driver %s is missing", of.name, n.name, name)
				}
			}
			if n.parent != nil && n.alias() != "" && len(drivers) == 0 && !builtIn(image, n) {
				t.Errorf("%s needs %s (%q), whose driver is neither packed nor built in", of.name, n.name, n.texts("compatible"))
			}
		}
	}
	devices := 0
	root.walk(func(n *node) {
		drivers := x.Find(kmod.CanonicalAlias(n.alias()))
		if n.alias() == "" || !n.enabled() || !slices.ContainsFunc(drivers, func(name string) bool { return packed[name] }) {
			return
		}
		devices++
		check(n, n)
		for _, property := range []string{"vmmc-supply", "vqmmc-supply", "phy-supply", "clocks", "resets", "phys", "power-domains", "pinctrl-0", "iommus", "dmas", "phy-handle"} {
			if value := n.properties[property]; len(value) >= 4 && handles[be32(value)] != nil {
				check(n, handles[be32(value)])
			}
		}
	})
	if devices == 0 {
		t.Error("no device has a packed driver")
	}
}

// builtIn tells whether a kernel's image has a driver, or code that runs at its start, for one of
// the names of a node's device. Drivers for what is on an I2C bus may leave the vendor out.
func builtIn(image []byte, n *node) bool {
	return slices.ContainsFunc(n.texts("compatible"), func(name string) bool {
		_, short, _ := strings.Cut(name, ",")
		return slices.Contains(undriven, name) || bytes.Contains(image, []byte(name+"\x00")) ||
			strings.HasPrefix(n.parent.name, "i2c@") && bytes.Contains(image, []byte("\x00"+short+"\x00"))
	})
}
